/* keyring/current of keyring_parts.h: eight short lines, the last of them proves the others. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "vault/keyring_parts.h"

static const char first_line[] = "rescind keyring 1\n";
enum { MAC_LINE_LEN = 4 + 64 + 1 };

static void mac_of(struct hash *ret, const uint8_t *bytes, size_t len,
		   const uint8_t epoch_key[SEAL_KEY_LEN])
{
	static const char domain[] = "rescind/keyring/current/v1"; /* with its NUL */
	struct hash key;

	hmac_bytes(&key, epoch_key, SEAL_KEY_LEN, domain, sizeof(domain));
	hmac_bytes(ret, key.b, HASH_LEN, bytes, len);
	wipe(&key, sizeof(key));
}

int current_put(struct buf *b, const struct ring_current *c, const uint8_t epoch_key[SEAL_KEY_LEN],
		struct error *e)
{
	size_t start = b->len;
	struct hash mac;
	int code = buf_printf(b, e,
			      "%sgeneration %" PRIu64 "\nepoch %" PRIu64 "\nslots %" PRIu64
			      "\nerased %" PRIu64 "\ntable %s\n",
			      first_line, c->generation, c->epoch, c->slots, c->erased,
			      hash_hex(&c->table).s);

	if (code < 0)
		return code;
	mac_of(&mac, b->data + start, b->len - start, epoch_key);
	return buf_printf(b, e, "mac %s\n", hash_hex(&mac).s);
}

/* Cut "WORD VALUE\n" off the front; the value is lent, without its newline. */
static int take(const char **at, const char *end, const char *word, const char **ret_value,
		size_t *ret_len, struct error *e)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	size_t n = strlen(word);

	if (!newline || (size_t)(newline - *at) < n + 1 || memcmp(*at, word, n) != 0 ||
	    (*at)[n] != ' ')
		return error_set(e, E_FORMAT, "no line \"%s\"", word);
	*ret_value = *at + n + 1;
	*ret_len = (size_t)(newline - *ret_value);
	*at = newline + 1;
	return 0;
}

static int take_number(const char **at, const char *end, const char *word, uint64_t *ret,
		       struct error *e)
{
	const char *value = NULL;
	size_t len = 0;
	int code = take(at, end, word, &value, &len, e);

	if (code == 0)
		code = number_parse(ret, value, len, e);
	return code < 0 ? error_wrap(e, "%s", word) : 0;
}

static int take_hash(const char **at, const char *end, const char *word, struct hash *ret,
		     struct error *e)
{
	char hex[HASH_HEX_MAX] = "";
	const char *value = NULL;
	size_t len = 0;
	int code = take(at, end, word, &value, &len, e);

	if (code < 0)
		return code;
	if (len == HASH_HEX_MAX - 1)
		memcpy(hex, value, len);
	code = hash_from_hex(ret, hex, e);
	return code < 0 ? error_wrap(e, "%s", word) : 0;
}

static int current_limits(const struct ring_current *c, struct error *e)
{
	if (c->generation == 0 || c->epoch == 0 || c->epoch > c->generation)
		return error_set(e, E_FORMAT, "generation %" PRIu64 " in epoch %" PRIu64,
				 c->generation, c->epoch);
	if (c->slots > KEYRING_SLOTS_MAX || c->erased > c->slots)
		return error_set(e, E_RANGE, "%" PRIu64 " erased of %" PRIu64 " slots", c->erased,
				 c->slots);
	return 0;
}

int current_parse(struct ring_current *ret, const uint8_t *bytes, size_t len_bytes,
		  struct error *e)
{
	const char *at = (const char *)bytes, *end = at + len_bytes;
	struct ring_current c;
	struct hash mac;

	if (len_bytes > CURRENT_LEN_MAX)
		return error_set(e, E_RANGE, "%zu bytes", len_bytes);
	if (len_bytes < strlen(first_line) || memcmp(at, first_line, strlen(first_line)) != 0)
		return error_set(e, E_FORMAT, "not a keyring of format 1");
	at += strlen(first_line);
	if (take_number(&at, end, "generation", &c.generation, e) < 0 ||
	    take_number(&at, end, "epoch", &c.epoch, e) < 0 ||
	    take_number(&at, end, "slots", &c.slots, e) < 0 ||
	    take_number(&at, end, "erased", &c.erased, e) < 0 ||
	    take_hash(&at, end, "table", &c.table, e) < 0 ||
	    take_hash(&at, end, "mac", &mac, e) < 0)
		return e->code;
	if (at != end)
		return error_set(e, E_FORMAT, "more after the mac");
	if (current_limits(&c, e) < 0)
		return e->code;
	*ret = c;
	return 0;
}

int current_check(const uint8_t *bytes, size_t len_bytes, const uint8_t epoch_key[SEAL_KEY_LEN],
		  struct error *e)
{
	const char *end = (const char *)bytes + len_bytes, *at = end - MAC_LINE_LEN;
	struct hash said, is;

	if (take_hash(&at, end, "mac", &said, e) < 0)
		return e->code;
	mac_of(&is, bytes, len_bytes - MAC_LINE_LEN, epoch_key);
	if (!hash_equal(&said, &is))
		return error_set(e, E_MISMATCH, "torn or edited, or of another epoch key");
	return 0;
}
