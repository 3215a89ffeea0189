#include "cli/certificate_archive.h"

#include <string.h>

#include "base/file.h"
#include "cli/verify_signoffs.h"
#include "flow/archive.h"

const struct verb_option certificate_renew_options[CERTIFICATE_RENEW_OPTIONS] = {
	{ .name = "tsa", .value = "URL", .many = true, .help = "a time stamp by this authority" },
	{ .name = "signoff",
	  .value = "FILE",
	  .many = true,
	  .help = "with what a person signed (certificate sign)" },
	{ .name = "output",
	  .letter = 'o',
	  .value = "FILE",
	  .help = "there; else in place of the archive" },
};

static int read_words(const struct call *c, struct arena *a, struct archive_words *ret,
		      struct error *e)
{
	const struct option_list *urls = call_list(c, "tsa"), *files = call_list(c, "signoff");
	struct signoff_file *list = arena_alloc(a, (files->count + 1) * sizeof(*list), e);

	if (!list)
		return e->code;
	for (size_t i = 0; i < files->count; i++)
		if (signoff_file_read(files->values[i], a, &list[i], e) < 0)
			return e->code;
	*ret = (struct archive_words){ .tsa = urls->values,
				       .tsa_count = urls->count,
				       .signoffs = list,
				       .signoff_count = files->count };
	return 0;
}

/* An authority that refuses is a failure, and no decision of ours (exit 3). */
static int failed(struct error *e)
{
	if (e->code == E_DENIED)
		e->code = E_IO;
	return e->code;
}

int certificate_archive(struct call *c, struct repo *r, struct buf **ret, struct error *e)
{
	const char *path = call_text(c, "archive");
	struct archive_words w;
	scoped(arena) *a = NULL;
	scoped(buf) *out = NULL;
	scoped_json *said = NULL;

	if (!path && (call_list(c, "tsa")->count > 0 || call_list(c, "signoff")->count > 0))
		return error_set(e, E_USAGE, "--tsa and --signoff are for --archive");
	if (!path)
		return 0;
	if (arena_create(&a, e) < 0 || read_words(c, a, &w, e) < 0 ||
	    buf_create(&out, 65536, e) < 0 ||
	    flow_archive(r, call_operand(c, 0), &w, out, &said, e) < 0)
		return failed(e);
	*ret = give(out);
	return 0;
}

/* An archive takes the place of the one that it continues. */
static int place_of(const struct call *c, const struct buf *file, const char **ret, struct error *e)
{
	*ret = call_text(c, "output");
	if (!*ret && !is_archive(file->data, file->len))
		return error_set(e, E_USAGE, "%s is no archive: say with -o where one is to be",
				 call_operand(c, 0));
	if (!*ret)
		*ret = call_operand(c, 0);
	return 0;
}

/* An authority takes its time. What somebody else added to the archive meanwhile is not written over. */
static int still_there(const struct call *c, const char *place, const struct buf *was,
		       struct error *e)
{
	scoped(buf) *is = NULL;

	if (strcmp(place, call_operand(c, 0)) != 0)
		return 0;
	if (file_read(place, USTAR_BYTES_MAX, &is, e) < 0)
		return e->code;
	if (is->len == was->len && memcmp(is->data, was->data, is->len) == 0)
		return 0;
	return error_set(e, E_CONFLICT, "%s was changed meanwhile, and is as it was left: renew it again",
			 place);
}

int certificate_renew(struct call *c, struct error *e)
{
	scoped(buf) *file = NULL, *out = NULL;
	struct archive_words w;
	scoped(arena) *a = NULL;
	scoped(repo) *r = NULL;
	scoped_json *said = NULL;
	const char *place;

	if (file_read(call_operand(c, 0), USTAR_BYTES_MAX, &file, e) < 0 ||
	    place_of(c, file, &place, e) < 0 || call_repo(c, &r, e) < 0 ||
	    arena_create(&a, e) < 0 || read_words(c, a, &w, e) < 0 ||
	    buf_create(&out, file->len + 65536, e) < 0 ||
	    flow_archive_renew(r, file, &w, out, &said, e) < 0 ||
	    still_there(c, place, file, e) < 0 || call_save(c, place, out, 0644, e) < 0)
		return failed(e);
	if (call_is_stdout(place))
		return 0;
	json_set_text(said, "file", place, e);
	return call_answer(c, e->code, &said, NULL, e);
}
