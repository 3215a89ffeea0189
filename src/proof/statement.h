/*
 * statement: a certificate, attestation or receipt as it was read: bytes to structs, strictly, and
 * nothing of it believed yet. Inside proof/ only. All that hangs on a statement lives as long as it.
 */
#ifndef PROOF_STATEMENT_H
#define PROOF_STATEMENT_H

#include "base/arena.h"
#include "proof/certificate.h"
#include "wire/dsse.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define ENVELOPE_TYPE "application/vnd.in-toto+json"
/* Brackets, commas and colons of a file or its body, wherever they stand: a value of JSON takes
 * up to 100 times its bytes in memory, so they are counted before it is parsed. */
enum { STATEMENT_MARKS_MAX = 8 << 20, STATEMENT_NAME_MAX = 195, FACT_ENTRY_MAX = 65535,
       STATEMENT_WORK = 1 << 24, STATEMENT_WORK_OF_BYTE = 256, STATEMENT_WORK_MAX = 1 << 29,
       KEY_ID_LEN = 8, TAG_LEN = 8,
       EXACT_FIELDS = 13 /* private ones of an exact checkpoint */ };

/* What a statement is; also bits of "in which". */
enum kind { CERTIFICATE = 1, ATTESTATION = 2, RECEIPT = 4 };

enum fact_type { FACT_INIT, FACT_KEY, FACT_SOURCE, FACT_BATCH, FACT_DATASET, FACT_MODEL,
		 FACT_ORDER, FACT_PLAN, FACT_APPROVAL, FACT_STEP, FACT_REPRODUCED, FACT_TERMS,
		 FACT_TRANSFER, FACT_CORRECTION, FACT_GRANT, FACT_WITHDRAWAL, FACT_CERTIFIED,
		 FACT_DEPLOYMENT, FACT_UNDEPLOYMENT, FACT_OUTPUT, FACT_HANDOVER };

/* Size and root of the records log. */
struct records {
	uint64_t size;
	struct hash root;
};

/* A shown fact. Below text, all is set by facts_read; members of other types are 0. */
struct fact {
	uint64_t n;
	const char *text;
	enum fact_type type;
	uint64_t at_utc_ms;
	uint8_t by[KEY_ID_LEN];
	struct hash private_part;
	bool has_records;
	struct records records;
	uint64_t first, last;		 /* batch: positions; step: steps of the plan */
	uint8_t source[TAG_LEN];	 /* source, terms, batch, transfer */
	uint8_t transfer[TAG_LEN];	 /* batch, transfer, correction */
	bool has_transfer;		 /* batch */
	uint64_t version;		 /* terms */
	struct hash root;		 /* dataset, model */
	uint64_t order, plan;		 /* numbers of facts */
	uint64_t model;			 /* the fact that reproduced, deployment, undeployment,
					  * output and handover are of */
	uint8_t key[SIGN_PUBLIC_LEN];	 /* key */
	uint8_t id[KEY_ID_LEN];		 /* of it */
	uint8_t signature[SIGN_LEN];	 /* approval, reproduced */
	bool solo;			 /* init */
};

/* One field of a private part, or of a card (then n is the record's position). Withheld: only its
 * commitment is shown. */
struct opening {
	uint64_t n, index, count;
	const char *field;
	bool withheld;
	uint8_t salt[SALT_LEN];
	const uint8_t *value; /* followed by a NUL byte */
	size_t value_len;
	struct hash commitment; /* when withheld */
	const struct hash *path;
	size_t path_count;
};

/* A record of a receipt. */
struct shown_record {
	uint64_t pos;
	struct hash commitment;
};

struct retained {
	uint64_t n;
	const uint64_t *containers; /* indices */
	size_t count;
};

struct shown_container {
	uint64_t number, size;	/* size: container_end of it */
	bool opened;		/* else root is stated */
	struct hash root;
	const uint8_t *opening;
	size_t opening_len;
};

struct statement {
	enum kind kind;
	struct arena *arena;
	struct dsse *envelope;
	json_t *json;
	const json_t *predicate;
	struct hash *subjects;
	size_t subject_count;
	struct hash demand; /* the first of them, of a certificate the only */
	const char *origin;
	uint8_t key[SIGN_PUBLIC_LEN];
	uint64_t issued_utc_ms;
	const char *facts_note, *records_note, *order_id, *positions_text, *kept_text;
	struct fact *facts;
	struct hash *proof;
	struct opening *openings;
	uint64_t opened, plan, approval, *steps;
	struct retained *sets;
	struct shown_container *containers;
	size_t fact_count, proof_count, opening_count, step_count, set_count, container_count;
	struct set *positions, *kept; /* positions: of an attestation, those `absent` */
	uint64_t model;		      /* of an attestation, the checkpoint's fact */
	struct shown_record *records; /* of a receipt; n of its openings is a position */
	struct hash *records_proof;
	struct opening *record_openings;
	size_t record_count, records_proof_count, record_opening_count;
	const struct fact *reproduced[CERTIFICATE_REPRODUCED_MAX]; /* by facts_read */
	size_t reproduced_count;
};

/* read.c. *ret_kind is what it says it is, also when it cannot be read. Errors: E_FORMAT, E_RANGE:
 * not a statement in its one form; E_MEMORY. */
must_use int statement_read(struct statement **ret, enum kind *ret_kind, const void *bytes,
			    size_t len_bytes, struct error *e);
void statement_destroy(struct statement *s); /* NULL is fine */
/* E_RANGE: more than STATEMENT_MARKS_MAX. */
must_use int marks_check(const void *bytes, size_t len_bytes, struct error *e);
SCOPED(statement, statement_destroy);

/* fact_types.c: what the entry o says, into f; f->n and f->text are there. Errors: E_FORMAT, a type
 * that this kind of statement does not show, or other members than its own. */
must_use int fact_read(const json_t *o, enum kind kind, struct fact *f, struct error *e);
const char *fact_type_name(enum fact_type type);
const char *kind_name(enum kind kind);

/* facts.c: the entries, ascending, each of a type that its kind shows and with exactly its
 * members. To be called before any of the lookups below. */
must_use int facts_read(struct statement *s, struct error *e);
/* E_NOT_FOUND when fact n is not shown or of another type. */
must_use int fact_get(const struct statement *s, uint64_t n, enum fact_type type,
		      const struct fact **ret, struct error *e);
/* Of items that each begin with a uint64_t: the order of it, and one of a list that ascends (NULL: none). */
int by_number(const void *a, const void *b);
const void *number_find(const void *list, size_t count, size_t item_bytes, uint64_t n);
const struct fact *fact_find(const struct statement *s, uint64_t n); /* NULL: not shown */
/* The shown key fact of this id, said before fact n. Errors: E_NOT_FOUND; E_MISMATCH, there are
 * two with this id. */
must_use int fact_key(const struct statement *s, const uint8_t id[KEY_ID_LEN], uint64_t n,
		      const struct fact **ret, struct error *e);
void key_id(uint8_t ret[KEY_ID_LEN], const uint8_t key[SIGN_PUBLIC_LEN]);

/* openings.c: opening i, and those beside it, at the only place that it can have in the private part
 * of fact f. E_MISMATCH. */
must_use int opening_place(const struct statement *s, size_t i, const struct fact *f,
			   struct error *e);
/* Of an opening of a card: the same. */
must_use int card_place(const struct opening *o, struct error *e);
/* Does it lead to this commitment of a list of fields? E_MISMATCH. */
must_use int opening_check(const struct opening *o, const struct hash *list, struct error *e);
/* Of a list ascending by n: those of n. */
const struct opening *openings_of(const struct opening *list, size_t count, uint64_t n,
				  size_t *ret_count);
/* Of fact n; NULL when it is not there. */
const struct opening *opening_find(const struct statement *s, uint64_t n, const char *field);
void opening_commitment(const struct opening *o, struct hash *ret);
/* What was opened, as text or as JSON in its one form. E_NOT_FOUND: not opened, or withheld. */
must_use int opened_text(const struct statement *s, uint64_t n, const char *field,
			 const char **ret, struct error *e);
must_use int opened_json(const struct statement *s, uint64_t n, const char *field, json_t **ret,
			 struct error *e);

#endif
