/*
 * statement: a certificate, attestation or receipt as it was read: bytes to structs, strictly, and
 * nothing of it believed yet. Inside proof/ only. All that hangs on a statement lives as long as
 * it.
 */
#ifndef PROOF_STATEMENT_H
#define PROOF_STATEMENT_H

#include "base/arena.h"
#include "proof/certificate.h"
#include "wire/dsse.h"
#include "wire/shape.h"

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
		 FACT_DEPLOYMENT, FACT_UNDEPLOYMENT, FACT_OUTPUT, FACT_HANDOVER, FACT_SUCCESSOR,
		 FACT_TYPES };

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
	uint64_t v;
	const char *of_type; /* gone after facts_read, as all that its entry lent */
	uint64_t at_utc_ms;
	uint8_t by[KEY_ID_LEN];
	struct hash private_part;
	size_t has_records;
	struct records records;
	uint64_t first, last;		 /* batch: positions; step: steps of the plan */
	struct {
		uint8_t tag[TAG_LEN];
		uint64_t version;	 /* terms */
	} source;			 /* source, terms, batch, transfer */
	uint8_t transfer[TAG_LEN];	 /* batch, transfer, correction */
	size_t has_transfer;		 /* batch */
	struct hash root;		 /* dataset, model */
	uint64_t order, plan;		 /* numbers of facts */
	uint64_t model;			 /* the fact that reproduced, deployment, undeployment,
					  * output and handover are of */
	uint8_t key[SIGN_PUBLIC_LEN];	 /* key */
	uint8_t id[KEY_ID_LEN];		 /* of it */
	uint8_t signature[SIGN_LEN];	 /* approval, reproduced */
	bool solo;			 /* init; successor: the keys knew of what was lost */
	uint64_t lost, lost_records;	 /* successor: the size that the log had; records that are lost */
	struct hash lost_root;
	uint64_t *list, epoch;		 /* model: inputs; step: as it spells first and last */
	size_t list_count;
	bool asked;	/* by a check: something that is shown asks for it */
	bool has_terms; /* source: by a check */
};

/* One field of a private part, or of a card (then n is the record's position). Withheld: only its
 * commitment is shown. */
struct opening {
	uint64_t n, index, count;
	const char *field;
	bool withheld;
	const uint8_t *salt; /* SALT_LEN */
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

/* A line of a certificate's summary, for people. */
struct reached {
	const char *kind, *how, *grade;
	uint64_t count;
};

struct subject {
	const char *name;
	struct hash hash;
};

struct retained {
	uint64_t n;
	const uint64_t *containers; /* indices */
	size_t count;
};

struct shown_container {
	uint64_t number, size;	/* size: container_end of it */
	struct hash root;	/* stated, or what the opening leads to: by check_roots */
	const uint8_t *opening; /* NULL: not opened */
	size_t opening_len;
	bool used; /* by check_roots */
};

struct statement {
	enum kind kind;
	struct arena *arena;
	struct dsse envelope;
	json_t *json, *opened_json; /* a list: what texts were read from that are opened */
	const json_t *predicate;
	const char *type, *predicate_type;
	const void *words; /* what is for people */
	uint64_t format;
	struct subject *subjects;
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

/* read.c: into one that is empty. Its kind is what it says it is, also when it cannot be read.
 * statement_done in any case. Errors: E_FORMAT, E_RANGE: not a statement in its one form;
 * E_MEMORY. */
must_use int statement_read(struct statement *s, const void *bytes, size_t len_bytes,
			    struct error *e);
void statement_done(struct statement *s);
/* JSON in its one form. E_FORMAT; E_RANGE, more than STATEMENT_MARKS_MAX. */
must_use int document_parse(json_t **ret, const void *bytes, size_t len_bytes, struct error *e);

/* fact_types.c: what the entry o says, into f; f->n and f->text are there. Errors: E_FORMAT, a type
 * that this kind of statement does not show, or other members than its own. */
must_use int fact_read(struct statement *s, const json_t *o, struct fact *f, struct error *e);
const char *fact_type_name(enum fact_type type);
const char *kind_name(enum kind kind);

/* facts.c: the entries, ascending, each of a type that its kind shows and with exactly its
 * members. To be called before any of the lookups below. */
must_use int facts_read(struct statement *s, struct error *e);
/* E_NOT_FOUND when fact n is not shown or of another type. */
must_use int fact_get(const struct statement *s, uint64_t n, enum fact_type type,
		      const struct fact **ret, struct error *e);
/* Of items that each begin with a uint64_t: the order of it, and one of a list that ascends (NULL:
 * none). */
int by_number(const void *a, const void *b);
void *number_find(const void *list, size_t count, size_t item_bytes, uint64_t n);
struct fact *fact_find(const struct statement *s, uint64_t n); /* NULL: not shown */
/* The next of this type behind a fact; the first behind NULL; NULL: there is none. */
struct fact *fact_next(const struct statement *s, const struct fact *f, enum fact_type type);
bool fact_is_set(const struct fact *f); /* a dataset's or checkpoint's */
/* RFC 9162 leaf hash of its entry. */
void fact_leaf(struct hash *ret, const struct fact *f);
/* 0 if it holds, else E_MISMATCH with the story of what is otherwise; of a fact: "fact 12 (batch)
 * ..". */
must_use int want(bool holds, struct error *e, const char *otherwise, ...)
	__attribute__((format(printf, 3, 4)));
must_use int want_of(const struct fact *f, bool holds, struct error *e, const char *otherwise);
/* The shown key fact of this id, said before fact n. Errors: E_NOT_FOUND; E_MISMATCH, there are
 * two with this id. */
must_use int fact_key(const struct statement *s, const uint8_t id[KEY_ID_LEN], uint64_t n,
		      const struct fact **ret, struct error *e);

/* openings.c: opening i of a list, and those beside it, at the only place that it can have in the
 * private part of fact f, or in a card (f is NULL). E_MISMATCH. */
must_use int opening_place(const struct statement *s, const struct opening *list, size_t count,
			   size_t i, const struct fact *f, struct error *e);
/* Does it lead to this commitment of a list of fields? E_MISMATCH. */
must_use int opening_check(const struct opening *o, const struct hash *to, struct error *e);
/* Of a list ascending by n: those of n. */
const struct opening *openings_of(const struct opening *list, size_t count, uint64_t n,
				  size_t *ret_count);
/* The first of this name; NULL: there is none. */
const struct opening *opening_named(const struct opening *list, size_t count, const char *field);
/* Do both hold the same value? Not when b is NULL. */
bool opening_equal(const struct opening *a, const struct opening *b);
/* Of fact n; NULL when it is not there. */
const struct opening *opening_find(const struct statement *s, uint64_t n, const char *field);
void opening_commitment(const struct opening *o, struct hash *ret);
/* Decimal. Errors: E_FORMAT, E_RANGE. */
must_use int opened_number(const struct opening *o, uint64_t *ret, struct error *e);
/* What was opened, as text or as JSON in its one form and of this shape, into ret (filled with 0,
 * and living as long as the statement). E_NOT_FOUND: not opened, or withheld. */
must_use int opened_text(const struct statement *s, uint64_t n, const char *field,
			 const char **ret, struct error *e);
must_use int opened_read(const struct statement *s, uint64_t n, const char *field,
			 const struct shape *shape, void *ret, struct error *e);

#endif
