#include "proof/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/stamp.h"
#include "proof/signoff.h"
#include "wire/tlog_proof.h"

/* The files are taken one after the other, each by the name that it must have. */
struct reading {
	const struct ustar *files;
	size_t at;
};

bool is_archive(const void *bytes, size_t len_bytes)
{
	return len_bytes >= USTAR_BLOCK &&
	       memcmp(bytes, ARCHIVE_FOLDER, strlen(ARCHIVE_FOLDER)) == 0;
}

static bool stands(const struct reading *r, const char *name)
{
	const char *there = r->at < r->files->count ? r->files->file[r->at].name : "";

	return strncmp(there, ARCHIVE_FOLDER, strlen(ARCHIVE_FOLDER)) == 0 &&
	       strcmp(there + strlen(ARCHIVE_FOLDER), name) == 0;
}

static int take(struct reading *r, const char *name, size_t max_bytes,
		const struct ustar_file **ret, struct error *e)
{
	if (!stands(r, name))
		return error_set(e, E_FORMAT, "archive: %s should come %s%s", name,
				 r->at < r->files->count ? "where there is " : "at its end",
				 r->at < r->files->count ? r->files->file[r->at].name : "");
	*ret = &r->files->file[r->at++];
	if ((*ret)->len > max_bytes)
		return error_set(e, E_RANGE, "archive: %s is more than %zu bytes", name, max_bytes);
	return 0;
}

enum { NAME_MAX_IN = 48 };
static const char *name_of(char ret[NAME_MAX_IN], size_t layer, const char *folder, size_t number,
			   const char *end)
{
	if (number == 0)
		snprintf(ret, NAME_MAX_IN, "%zu/%s%s", layer, folder, end);
	else
		snprintf(ret, NAME_MAX_IN, "%zu/%s%03zu%s", layer, folder, number, end);
	return ret;
}

static int read_signoffs(struct reading *r, size_t n, struct archive_layer *l, struct error *e)
{
	const struct ustar_file *f = NULL;
	char name[NAME_MAX_IN];

	while (stands(r, name_of(name, n, "signoffs/", l->signoff_count + 1, ".json"))) {
		if (take(r, name, SIGNOFF_BYTES_MAX, &f, e) < 0)
			return e->code;
		if (l->signoff_count++ == 0)
			l->signoffs = f;
	}
	return 0;
}

static int read_stamps(struct reading *r, size_t n, struct archive_layer *l, struct error *e)
{
	const struct ustar_file *token = NULL, *chain = NULL;
	char name[NAME_MAX_IN];

	while (stands(r, name_of(name, n, "", l->stamp_count + 1, ".tsr"))) {
		if (take(r, name, STAMP_TOKEN_MAX, &token, e) < 0 ||
		    take(r, name_of(name, n, "", l->stamp_count + 1, ".pem"), STAMP_CHAIN_MAX,
			 &chain, e) < 0)
			return e->code;
		if (l->stamp_count++ == 0)
			l->stamps = token;
	}
	return 0;
}

static int read_layer(struct reading *r, size_t n, struct archive_layer *l, struct error *e)
{
	char name[NAME_MAX_IN];

	if (take(r, name_of(name, n, "", 0, "certified.tlog-proof"), TLOG_PROOF_BYTES_MAX,
		 &l->proof, e) < 0 ||
	    take(r, name_of(name, n, "", 0, "certified.json"), ARCHIVE_CERTIFIED_MAX, &l->certified,
		 e) < 0 ||
	    take(r, name_of(name, n, "", 0, "policy"), POLICY_BYTES_MAX, &l->policy, e) < 0 ||
	    read_signoffs(r, n, l, e) < 0 ||
	    take(r, name_of(name, n, "", 0, "SHA512SUMS"), USTAR_BYTES_MAX, &l->sums, e) < 0)
		return e->code;
	return read_stamps(r, n, l, e);
}

int archive_read(struct archive **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(archive) *a = calloc(1, sizeof(*a));
	struct reading r = { 0 };

	if (!a)
		return error_set(e, E_MEMORY, "archive: out of memory");
	if (ustar_parse(&a->files, bytes, len_bytes, e) < 0)
		return e->code;
	r.files = a->files;
	if (take(&r, "VERIFY.md", USTAR_BYTES_MAX, &a->words, e) < 0 ||
	    take(&r, "certificate.html", USTAR_BYTES_MAX, &a->page, e) < 0 ||
	    take(&r, "certificate.json", CERTIFICATE_BYTES_MAX, &a->certificate, e) < 0 ||
	    take(&r, "keys/log.pem", ARCHIVE_KEY_MAX, &a->key, e) < 0)
		return e->code;
	do {
		if (read_layer(&r, a->layer_count + 1, &a->layer[a->layer_count], e) < 0)
			return e->code;
		a->layer_count++;
	} while (r.at < r.files->count);
	*ret = give(a);
	return 0;
}

/* SHA-256 of each text that there was; the newest is src/flow/verify_md.c. None is taken out. */
static const char *const known_words[] = {
	"131bd4a15021394b32d63e8ae531b67803ffcd9a03ea2295e3f8cbf32505d819",
	"24fbc1f9c9fa76d80df1c388f2c0ca6b9446bc9da0a5014f11b134251ddbf1d7",
	"4d31302b70b0ba1a4e447363b340a5006117e3b4e21edf9341c54ca36104f33c",
	"24a70824256deef45c4ec2af86b6cdc9ea4a2452799a7bd971118646e034e70c",
};

bool archive_words_known(const struct archive *a)
{
	struct hash h;

	hash_bytes(&h, a->words->data, a->words->len);
	for (size_t i = 0; i < COUNT_OF(known_words); i++)
		if (strcmp(hash_hex(&h).s, known_words[i]) == 0)
			return true;
	return false;
}

void archive_destroy(struct archive *a)
{
	if (!a)
		return;
	ustar_destroy(a->files);
	free(a);
}
