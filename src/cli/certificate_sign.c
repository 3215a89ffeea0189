/* A person signs a statement: with the key of a role here, or without a repository by a PEM file or a
 * key behind PKCS#11; or elsewhere, by whatever has the key, what was written here to be signed. */
#include "cli/certificate_sign.h"

#include <stdio.h>

#include "base/file.h"
#include "crypto/signer.h"
#include "flow/signoffs.h"

const struct verb_option certificate_sign_options[CERTIFICATE_SIGN_OPTIONS] = {
	{ .name = "capacity", .value = "AS",
	  .help = "issued, performed, verified or validated" },
	{ .name = "name", .value = "TEXT", .help = "who signs" },
	{ .name = "title", .value = "TEXT", .help = "the signer's position" },
	{ .name = "organisation", .value = "TEXT", .help = "for whom" },
	{ .name = "location", .value = "TEXT", .help = "where" },
	{ .name = "contact", .value = "TEXT", .help = "how to ask the signer" },
	{ .name = "words", .value = "TEXT", .help = "what the signer says of it" },
	{ .name = "key", .value = "KEY",
	  .help = "PEM file or pkcs11: URI; else the role's, --as" },
	{ .name = "passphrase", .value = "FILE", .help = "its passphrase or PIN; else asked for" },
	{ .name = "message", .value = "FILE",
	  .help = "write there what is to be signed elsewhere by --key, a public PEM" },
	{ .name = "signature", .value = "FILE",
	  .help = "of the --message, made elsewhere: puts the sign-off together" },
	{ .name = "output", .letter = 'o', .value = "FILE",
	  .help = "there; else beside, FILE.CAPACITY.json" },
};

static const char *text_or_none(const struct call *c, const char *option)
{
	const char *text = call_text(c, option);

	return text ? text : "";
}

static int read_words(const struct call *c, struct signoff *ret, struct error *e)
{
	int capacity = signoff_capacity_find(text_or_none(c, "capacity"));

	if (!call_text(c, "capacity") || !call_text(c, "name"))
		return error_set(e, E_USAGE, "--capacity and --name: in which capacity, and who signs");
	if (capacity < 0)
		return error_set(e, E_USAGE, "--capacity: issued, performed, verified or validated");
	ret->capacity = (enum signoff_capacity)capacity;
	ret->name = call_text(c, "name");
	ret->title = text_or_none(c, "title");
	ret->organisation = text_or_none(c, "organisation");
	ret->location = text_or_none(c, "location");
	ret->contact = text_or_none(c, "contact");
	ret->words = text_or_none(c, "words");
	if (signoff_texts_check(ret, e) < 0)
		e->code = E_USAGE; /* the story says which */
	return e->code;
}

/* The first line of the file. */
static int read_secret(const char *path, struct buf **ret, struct error *e)
{
	if (file_read(path, SIGNER_SECRET_MAX + 2, ret, e) < 0)
		return error_wrap(e, "--passphrase");
	(*ret)->data[strcspn(buf_text(*ret), "\r\n")] = '\0';
	return 0;
}

static int open_signer(struct call *c, struct signer **ret, struct error *e)
{
	const char *key = call_text(c, "key"), *file = call_text(c, "passphrase");
	uint8_t seed[SIGN_SEED_LEN];
	char id[KEY_ID_MAX];
	scoped(repo) *r = NULL;
	scoped(buf) *secret = NULL;

	if (key) {
		if (file && read_secret(file, &secret, e) < 0)
			return e->code;
		if (signer_open(ret, key, secret ? buf_text(secret) : NULL, e) < 0)
			return error_wrap(e, "--key");
		return 0;
	}
	if (file)
		return error_set(e, E_USAGE, "--passphrase opens a --key, and none was given");
	if (call_repo(c, &r, e) < 0 || repo_role_seed(r, r->role, seed, id, e) < 0)
		return e->code;
	(void)!signer_from_seed(ret, seed, e); /* the code stands in e */
	wipe(seed, sizeof(seed));
	return e->code;
}

/* ---- what is told ---- */

static void tell_what(struct call *c, const json_t *about, const struct signoff *s)
{
	call_tell(c, "%s signs as \"%s\":", s->name, signoff_capacity_name(s->capacity));
	call_tell(c, "  %s of %s, issued %s", member_text(about, "type"),
		  member_text(about, "origin"), member_text(about, "issued"));
	call_tell(c, "  %.400s", member_text(about, "what"));
	call_tell(c, "  sha256 %s", member_text(about, "sha256"));
}

static void page(struct print *p, const json_t *doc)
{
	static const char *const except[] = { "public_key", "statement", NULL };

	print_members(p, doc, except);
}

/* what: "signoff" or "message". */
static int answer(struct call *c, const struct signoff *s, const char *what, const char *path,
		  json_t *about, struct error *e)
{
	struct hash id = pubkey_id(&s->key);
	scoped_json *doc = json_object_make(e);
	scoped(buf) *pem = NULL;

	if (buf_create(&pem, 256, e) < 0 || pubkey_put_pem(&s->key, pem, e) < 0)
		return e->code;
	json_set_text(doc, what, path, e);
	json_set_text(doc, "capacity", signoff_capacity_name(s->capacity), e);
	json_set_text(doc, "name", s->name, e);
	json_set_time(doc, "date", s->date_utc_ms, e);
	json_set_text(doc, "algorithm", pubkey_algorithm(&s->key), e);
	json_set_hash(doc, "keyid", &id, e);
	json_set_text(doc, "public_key", buf_text(pem), e);
	json_set_new(doc, "statement", json_incref(about), e);
	return e->code ? e->code : call_answer(c, 0, &doc, page, e);
}

/* ---- the file ---- */

static int output_name(const struct call *c, enum signoff_capacity capacity,
		       char ret[PATH_LEN_MAX], struct error *e)
{
	const char *out = call_text(c, "output"), *file = call_operand(c, 0);
	int len = out ? snprintf(ret, PATH_LEN_MAX, "%s", out) :
			snprintf(ret, PATH_LEN_MAX, "%s.%s.json", file,
				 signoff_capacity_name(capacity));

	if (len < 0 || len >= PATH_LEN_MAX)
		return error_set(e, E_RANGE, "%.40s..: a name that is too long", file);
	if (!call_is_stdout(ret) && file_exists(ret))
		return error_set(e, E_CONFLICT, "%s: there is one already (-o names another)", ret);
	return 0;
}

/* A new file, and what is said of it. */
static int put_new(struct call *c, const struct signoff *s, const char *what, const char *path,
		   const struct buf *file, json_t *about, struct error *e)
{
	if (call_is_stdout(path))
		return call_bytes(c, file->data, file->len, e);
	if (file_write_new(path, file->data, file->len, 0644, e) < 0)
		return e->code;
	return answer(c, s, what, path, about, e);
}

/* Of a message that was signed here or elsewhere. */
static int put_together(struct call *c, const char *path, const struct buf *message,
			const void *signature, size_t signature_len,
			const struct buf *statement, json_t *about, struct error *e)
{
	scoped(signoff) *s = NULL;
	scoped(buf) *file = NULL;
	char name[PATH_LEN_MAX];

	if (buf_create(&file, 4096, e) < 0 ||
	    signoff_finish(&s, message, signature, signature_len, statement, about, file, e) < 0 ||
	    (!path && output_name(c, s->capacity, name, e) < 0))
		return e->code;
	return put_new(c, s, "signoff", path ? path : name, file, about, e);
}

/* ---- the three ways ---- */

static int sign_here(struct call *c, const struct buf *statement, json_t *about, struct error *e)
{
	uint8_t signature[PUBKEY_SIGNATURE_MAX];
	scoped(signer) *signer = NULL;
	scoped(buf) *message = NULL;
	struct signoff s = { .name = NULL };
	char path[PATH_LEN_MAX];
	size_t len = 0;

	if (read_words(c, &s, e) < 0 || output_name(c, s.capacity, path, e) < 0)
		return e->code;
	tell_what(c, about, &s);
	if (open_signer(c, &signer, e) < 0)
		return e->code;
	s.key = *signer_public(signer);
	if (buf_create(&message, 2048, e) < 0 ||
	    signoff_prepare(&s, statement, about, message, e) < 0 ||
	    signer_sign(signer, message->data, message->len, signature, &len, e) < 0)
		return e->code;
	return put_together(c, path, message, signature, len, statement, about, e);
}

static int write_message(struct call *c, const struct buf *statement, json_t *about,
			 struct error *e)
{
	const char *path = call_text(c, "message"), *key = call_text(c, "key");
	scoped(buf) *pem = NULL, *message = NULL;
	struct signoff s = { .name = NULL };

	if (!key)
		return error_set(e, E_USAGE, "--message: --key is the public key of who will sign");
	if (read_words(c, &s, e) < 0 || file_read(key, PUBKEY_PEM_MAX, &pem, e) < 0)
		return e->code;
	if (pubkey_parse_pem(&s.key, pem->data, pem->len, e) < 0)
		return error_wrap(e, "--key %s", key);
	tell_what(c, about, &s);
	if (buf_create(&message, 2048, e) < 0 ||
	    signoff_prepare(&s, statement, about, message, e) < 0)
		return e->code;
	return put_new(c, &s, "message", path, message, about, e);
}

static int take_signature(struct call *c, const struct buf *statement, json_t *about,
			  struct error *e)
{
	static const char *const words[] = { "capacity", "name", "title", "organisation", "location",
					     "contact", "words", "key", "passphrase" };
	scoped(buf) *message = NULL, *signature = NULL;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (call_text(c, words[i]))
			return error_set(e, E_USAGE, "--%s stands in the message already", words[i]);
	if (!call_text(c, "message"))
		return error_set(e, E_USAGE, "--signature: of which --message");
	if (file_read(call_text(c, "message"), SIGNOFF_BYTES_MAX, &message, e) < 0 ||
	    file_read(call_text(c, "signature"), PUBKEY_SIGNATURE_MAX, &signature, e) < 0)
		return e->code;
	return put_together(c, NULL, message, signature->data, signature->len, statement, about, e);
}

int certificate_sign(struct call *c, struct error *e)
{
	const char *file = call_operand(c, 0);
	scoped(buf) *statement = NULL;
	scoped_json *about = NULL;

	if (file_read(file, CERTIFICATE_BYTES_MAX, &statement, e) < 0)
		return e->code;
	if (signoff_look(statement, &about, e) < 0)
		return error_wrap(e, "%s", file);
	if (call_text(c, "signature"))
		return take_signature(c, statement, about, e);
	return call_text(c, "message") ? write_message(c, statement, about, e) :
					 sign_here(c, statement, about, e);
}
