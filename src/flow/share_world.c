#include "flow/share_world.h"

#include <stdio.h>

#include "base/test.h"

struct error e;

static char agreement[PATH_LEN_MAX];

const char *agreed(void)
{
	snprintf(agreement, sizeof(agreement), "%s", world_beside("agreed"));
	return agreement;
}

struct world *some_data(void)
{
	scoped_json *doc = NULL;
	struct world *w = world_open();

	error_clear(&e);
	world_source("s", "none", TRAIN_USE "," SHARE_USE);
	world_file("album/a.jpg", "one");
	world_file("album/b.jpg", "two");
	world_file("c", "three");
	agreed();
	check_ok(world_ingest("s", NULL));
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &doc, &e));
	return w;
}

const char *out_path(const char *name)
{
	static char paths[4][PATH_LEN_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_LEN_MAX, "%.3000s-%.200s", world_now()->files, name);
	return path;
}

bool is_there(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return file_exists(path);
}

struct buf *content_of(const char *folder, const char *name)
{
	struct buf *b = NULL;
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	check_ok(file_read(path, 1 << 28, &b, &e));
	return b;
}

bool has_line(const char *folder, const char *name, const char *part)
{
	scoped(buf) *b = content_of(folder, name);

	return strstr(buf_text(b), part) != NULL;
}

int share_of(const char *dataset, const char *to, const char *folder, json_t **ret)
{
	const struct share_words w = { .dataset = dataset, .to = to, .use = SHARE_USE,
				       .under = agreement, .folder = folder };

	return flow_share(world_now()->r, &w, ret, &e);
}

int share(const char *to, const char *folder, json_t **ret)
{
	return share_of("d", to, folder, ret);
}

int export(const char *format, const char *folder, json_t **ret)
{
	const struct share_words w = { .dataset = "d", .folder = folder, .format = format };

	return flow_dataset_export(world_now()->r, &w, ret, &e);
}

void shared(const char *to, const char *folder)
{
	scoped_json *doc = NULL;

	check_ok(share(to, folder, &doc));
}

uint64_t copies(void)
{
	scoped(set) *all = NULL;
	uint64_t n;

	check_ok(set_create(&all, &e));
	check_ok(set_add_range(all, 0, 100000, &e));
	check_ok(copies_of(world_now()->r, all, &n, &e));
	return n;
}
