/* Certificates of a world, verified; and shown to another verifier. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "proof/world.h"

static struct error e;

static void pin_of(const struct world *w, struct buf *b)
{
	if (w->pin)
		check_ok(buf_put(b, w->pin, strlen(w->pin), &e));
	else
		world_vkey(w, "facts", b);
}

struct verdict *world_verdict(const struct world *w, const struct buf *certificate)
{
	scoped(buf) *vkey = NULL;
	struct verdict *v = NULL;

	check_ok(buf_create(&vkey, 0, &e));
	pin_of(w, vkey);
	check_ok(certificate_verify(&v, certificate->data, certificate->len,
				    &(struct verify_pins){ .vkey = buf_text(vkey) }, &e));
	return v;
}

static void write_as(const char *name, const char *what, const void *bytes, size_t len)
{
	char file[128], path[PATH_LEN_MAX];

	snprintf(file, sizeof(file), "%s.%s", name, what);
	check_ok(path_join(path, getenv("RESCIND_LIES"), file, &e));
	check_ok(file_write(path, bytes, len, 0644, &e));
}

/* Spaces are none in a name of a file. */
static void show_to_others(const struct world *w, const struct buf *certificate, const char *names,
			   const char *what)
{
	static unsigned count;
	scoped(buf) *vkey = NULL;
	char name[100];

	if (!getenv("RESCIND_LIES"))
		return;
	snprintf(name, sizeof(name), "%03u-%s", ++count, what);
	for (char *c = name; *c; c++)
		*c = *c == ' ' ? '-' : *c;
	check_ok(buf_create(&vkey, 0, &e));
	pin_of(w, vkey);
	write_as(name, "certificate", certificate->data, certificate->len);
	write_as(name, "vkey", vkey->data, vkey->len);
	write_as(name, "refused", names, strlen(names));
}

void world_refused(const struct world *w, const struct buf *certificate, const char *names,
		   const char *what)
{
	scoped(verdict) *v = world_verdict(w, certificate);
	char failed[256] = "";

	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			snprintf(failed + strlen(failed), sizeof(failed) - strlen(failed), "%s%s",
				 *failed ? " " : "", v->check[i].name);
	if (getenv("RESCIND_SHOW"))
		for (size_t i = 0; i < v->count; i++)
			if (!v->check[i].ok)
				print_message("    %s: %s: %s\n", what, v->check[i].name,
					      v->check[i].detail);
	show_to_others(w, certificate, failed, what);
	if (v->valid != !*names || strcmp(failed, names) != 0)
		fail_msg("%s: refused by [%s], not [%s]", what, failed, names);
}

void world_edited(const struct world *w, json_t *statement, bool prove, const char *names,
			const char *what)
{
	scoped(buf) *mixed = world_sign(w, statement, prove);

	world_refused(w, mixed, names, what);
}

void world_without(const struct world *w, const struct buf *certificate, uint64_t n,
			   const char *field, const char *names, const char *what)
{
	scoped_json *j = statement_of(certificate);

	world_drop(predicate_of(j), "openings", n, field);
	if (!field)
		world_drop(predicate_of(j), "facts", n, NULL);
	world_edited(w, j, !field, names, what);
}
