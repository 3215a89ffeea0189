#include "wire/safetensors.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned len_bytes;
} dtypes[] = {
	{ "BOOL", 1 }, { "U8", 1 }, { "I8", 1 }, { "F8_E5M2", 1 }, { "F8_E4M3", 1 }, { "I16", 2 },
	{ "U16", 2 }, { "F16", 2 }, { "BF16", 2 }, { "I32", 4 }, { "U32", 4 }, { "F32", 4 },
	{ "F64", 8 }, { "I64", 8 }, { "U64", 8 }, { "C64", 8 },
};

static uint64_t le_get(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void le_set(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

void safetensors_destroy(struct safetensors *f)
{
	if (!f)
		return;
	json_decref(f->header);
	free(f->tensor);
	free(f);
}

static unsigned dtype_len(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(dtypes); i++)
		if (strcmp(dtypes[i].name, name) == 0)
			return dtypes[i].len_bytes;
	return 0;
}

static int read_shape(struct tensor *t, const json_t *shape, struct error *e)
{
	t->rank = json_array_size(shape);
	if (t->rank > SAFETENSORS_RANK_MAX)
		return error_set(e, E_RANGE, "tensor of %zu dimensions", t->rank);
	t->count = 1;
	for (size_t i = 0; i < t->rank; i++) {
		const json_t *n = json_array_get(shape, i);

		if (!json_is_integer(n) || json_integer_value(n) < 0)
			return error_set(e, E_FORMAT, "tensor: a dimension is not a number");
		t->shape[i] = (uint64_t)json_integer_value(n);
		if (__builtin_mul_overflow(t->count, t->shape[i], &t->count))
			return error_set(e, E_RANGE, "tensor of too many values");
	}
	return 0;
}

/* The place within the data, of data_len bytes. */
static int read_place(struct tensor *t, const json_t *place, unsigned each, const uint8_t *data,
		      size_t data_len, struct error *e)
{
	const json_t *from = json_array_get(place, 0), *to = json_array_get(place, 1);
	uint64_t first, last, len;

	if (json_array_size(place) != 2 || !json_is_integer(from) || !json_is_integer(to))
		return error_set(e, E_FORMAT, "tensor: not two offsets");
	first = (uint64_t)json_integer_value(from); /* below 0 is far beyond the end */
	last = (uint64_t)json_integer_value(to);
	if (first > last || last > data_len)
		return error_set(e, E_FORMAT, "tensor outside of the file");
	if (__builtin_mul_overflow(t->count, each, &len) || len != last - first)
		return error_set(e, E_FORMAT, "tensor: its shape does not fill its place");
	t->bytes = data + first;
	t->len_bytes = len;
	return 0;
}

static int read_tensor(struct tensor *t, const char *name, const json_t *info,
		       const uint8_t *data, size_t data_len, struct error *e)
{
	static const char *const keys[] = { "dtype", "shape", "data_offsets", NULL };
	json_t *shape, *place;
	const char *dtype;
	unsigned each;

	if (!json_is_object(info))
		return error_set(e, E_FORMAT, "tensor: not an object");
	if (json_only(info, keys, e) < 0 || json_get_text(info, "dtype", &dtype, e) < 0 ||
	    json_get_array(info, "shape", &shape, e) < 0 ||
	    json_get_array(info, "data_offsets", &place, e) < 0)
		return error_wrap(e, "tensor");
	each = dtype_len(dtype);
	if (each == 0)
		return error_set(e, E_FORMAT, "tensor of an unknown dtype");
	if (strlen(name) == 0 || strlen(name) > SAFETENSORS_NAME_MAX)
		return error_set(e, E_RANGE, "tensor with a name of %zu bytes", strlen(name));
	t->name = name;
	strcpy(t->dtype, dtype);
	if (read_shape(t, shape, e) < 0)
		return e->code;
	return read_place(t, place, each, data, data_len, e);
}

static int by_place(const void *a, const void *b)
{
	const struct tensor *x = a, *y = b;
	const uint8_t *from_x = x->bytes, *from_y = y->bytes;

	if (from_x != from_y)
		return from_x < from_y ? -1 : 1;
	return (x->len_bytes > y->len_bytes) - (x->len_bytes < y->len_bytes);
}

static int by_name(const void *a, const void *b)
{
	const struct tensor *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Two files could hide different bytes in a gap. */
static int check_gaps(struct safetensors *f, const uint8_t *data, size_t data_len, struct error *e)
{
	const uint8_t *end = data;

	if (f->count > 0)
		qsort(f->tensor, f->count, sizeof(*f->tensor), by_place);
	for (size_t i = 0; i < f->count; i++) {
		if (f->tensor[i].bytes != end)
			return error_set(e, E_FORMAT, "tensors overlap or leave a gap");
		end += f->tensor[i].len_bytes;
	}
	if (end != data + data_len)
		return error_set(e, E_FORMAT, "bytes after the last tensor");
	if (f->count > 0)
		qsort(f->tensor, f->count, sizeof(*f->tensor), by_name);
	return 0;
}

static int check_metadata(const json_t *metadata, struct error *e)
{
	void *at = json_object_iter((json_t *)metadata);

	if (!json_is_object(metadata))
		return error_set(e, E_FORMAT, "metadata is not an object");
	for (; at; at = json_object_iter_next((json_t *)metadata, at))
		if (!json_is_string(json_object_iter_value(at)))
			return error_set(e, E_FORMAT, "metadata that is not text");
	return 0;
}

static int read_tensors(struct safetensors *f, const uint8_t *data, size_t data_len,
			struct error *e)
{
	size_t most = json_object_size(f->header);
	void *at = json_object_iter(f->header);

	if (most > SAFETENSORS_TENSORS_MAX)
		return error_set(e, E_RANGE, "more than %d tensors", SAFETENSORS_TENSORS_MAX);
	f->tensor = calloc(most + 1, sizeof(*f->tensor));
	if (!f->tensor)
		return error_set(e, E_MEMORY, "%zu tensors", most);
	for (; at; at = json_object_iter_next(f->header, at)) {
		const char *name = json_object_iter_key(at);
		const json_t *info = json_object_iter_value(at);

		if (strcmp(name, "__metadata__") == 0) {
			if (check_metadata(info, e) < 0)
				return e->code;
			continue;
		}
		if (read_tensor(&f->tensor[f->count], name, info, data, data_len, e) < 0)
			return e->code;
		f->count++;
	}
	return check_gaps(f, data, data_len, e);
}

int safetensors_parse(struct safetensors **ret, const void *bytes, size_t len_bytes,
		      struct error *e)
{
	scoped(safetensors) *f = calloc(1, sizeof(*f));
	const uint8_t *p = bytes;
	uint64_t len;

	if (!f)
		return error_set(e, E_MEMORY, "safetensors");
	if (len_bytes < 8)
		return error_set(e, E_FORMAT, "safetensors: shorter than 8 bytes");
	len = le_get(p);
	if (len > SAFETENSORS_HEADER_MAX)
		return error_set(e, E_RANGE, "safetensors: header is too long");
	if (len > len_bytes - 8 || len == 0 || p[8] != '{')
		return error_set(e, E_FORMAT, "safetensors: not a header");
	if (json_parse(&f->header, p + 8, len, SAFETENSORS_HEADER_MAX, e) < 0 ||
	    read_tensors(f, p + 8 + len, len_bytes - 8 - len, e) < 0)
		return error_wrap(e, "safetensors");
	*ret = give(f);
	return 0;
}

const struct tensor *safetensors_find(const struct safetensors *f, const char *name)
{
	struct tensor key = { .name = name };

	return f->count ? bsearch(&key, f->tensor, f->count, sizeof(key), by_name) : NULL;
}

const char *safetensors_text(const struct safetensors *f, const char *key)
{
	return json_string_value(json_object_get(json_object_get(f->header, "__metadata__"), key));
}

int64_t safetensors_i64(const struct tensor *t, uint64_t i)
{
	return (int64_t)le_get((const uint8_t *)t->bytes + 8 * i);
}

static uint64_t values_of(const struct tensor *t)
{
	uint64_t count = 1;

	for (size_t i = 0; i < t->rank; i++)
		count *= t->shape[i];
	return count;
}

static void describe(json_t *header, const struct tensor *t, uint64_t at, struct error *e)
{
	json_t *info = json_object_make(e), *shape = json_array_make(e), *place = json_array_make(e);

	json_set_text(info, "dtype", "I64", e);
	for (size_t i = 0; i < t->rank; i++)
		json_add_new(shape, json_integer((json_int_t)t->shape[i]), e);
	json_add_new(place, json_integer((json_int_t)at), e);
	json_add_new(place, json_integer((json_int_t)(at + 8 * values_of(t))), e);
	json_set_new(info, "shape", shape, e);
	json_set_new(info, "data_offsets", place, e);
	json_set_new(header, t->name, info, e);
}

static int put_header(const struct tensor *tensors, size_t count, const json_t *metadata,
		      struct buf *b, struct error *e)
{
	scoped_json *header = NULL;
	size_t start = b->len;
	uint64_t at = 0;

	error_clear(e);
	header = json_object_make(e);
	if (metadata)
		json_set_new(header, "__metadata__", json_incref((json_t *)metadata), e);
	for (size_t i = 0; i < count; at += 8 * values_of(&tensors[i++]))
		describe(header, &tensors[i], at, e);
	if (e->code < 0 || buf_put(b, "\0\0\0\0\0\0\0\0", 8, e) < 0 || json_put(header, b, e) < 0)
		return e->code;
	while ((b->len - start) % 8 != 0)
		if (buf_put_u8(b, ' ', e) < 0)
			return e->code;
	if (b->len - start - 8 > SAFETENSORS_HEADER_MAX)
		return error_set(e, E_RANGE, "safetensors: header is too long");
	le_set(b->data + start, b->len - start - 8);
	return 0;
}

int safetensors_put(const struct tensor *tensors, size_t count, const json_t *metadata,
		    struct buf *b, struct error *e)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (strcmp(tensors[i - 1].name, tensors[i].name) >= 0)
			return error_set(e, E_FORMAT, "tensors out of order");
	if (put_header(tensors, count, metadata, b, e) < 0)
		return error_wrap(e, "safetensors");
	for (i = 0; i < count; i++) {
		const int64_t *values = tensors[i].bytes;
		uint64_t left = values_of(&tensors[i]);

		if (buf_reserve(b, 8 * left, e) < 0)
			return e->code;
		for (; left > 0; left--, b->len += 8)
			le_set(b->data + b->len, (uint64_t)*values++);
		b->data[b->len] = 0;
	}
	return 0;
}
