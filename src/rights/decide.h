/*
 * decide: may this be used for that, at that time? One pure function, asked at every door.
 * Unknown is denied, and all reasons are given, not the first. The caller (repo/) has looked
 * everything up; nothing here reads anything. The rows are those of the design's table.
 * Everywhere 0 is the strict value, so that what a caller forgets to fill in denies.
 */
#ifndef RIGHTS_DECIDE_H
#define RIGHTS_DECIDE_H

#include "rights/licence.h"
#include "rights/use.h"

#define REASONS(X) \
	X(NO_SOURCE, "no-source") X(NO_TERMS, "no-terms") X(USE_NOT_ALLOWED, "use-not-allowed") \
	X(LICENCE, "licence") X(TRANSFER, "transfer") X(NO_NOTICE, "no-notice") \
	X(NO_GRANT, "no-grant") X(NO_EXPLICIT, "no-explicit") X(SIGNAL, "signal") \
	X(ORDER_OPEN, "order-open") X(WITHDRAWN, "withdrawn") X(HOLD, "hold") \
	X(NEVER_AGAIN, "never-again") X(LINEAGE, "lineage") X(GRADE, "grade") X(ERASED, "erased")

enum reason {
#define X(name, text) REASON_##name,
	REASONS(X)
#undef X
	REASON_COUNT
};
/* Reasons as bits: 1u << REASON_X; 0 is "allow". REASON_HOLD is what a quarantined record answers
 * (repo/ask.h); no row here gives it. */
typedef uint32_t reasons;
const char *reason_code(enum reason r);	    /* "no-source" */
const char *reason_sentence(enum reason r); /* for people: one clause, no full stop */
/* Each reason's code, comma-separated, in the order of the enum. */
must_use int reasons_put(reasons set, struct buf *b, struct error *e);

/* Times are UTC milliseconds. TIME_NONE as from: always; as until: no end. until is excluded.
 * All three times are compared in whole minutes. Within one minute the order of facts decides:
 * a grant counts as withdrawn when the withdrawal is the later fact, and lists here are in the
 * order of facts. */
struct period {
	uint64_t from, until;
};
/* False for a time that is TIME_NONE: unknown. */
bool period_holds(const struct period *p, uint64_t at_utc_ms);

enum basis { BASIS_NONE, CONSENT, CONTRACT, LEGAL_OBLIGATION, VITAL_INTEREST, PUBLIC_TASK,
	     LEGITIMATE_INTEREST, BASIS_COUNT };
/* "consent" or "A6-1-a". Errors: E_USAGE. */
must_use int basis_parse(uint8_t *ret, const char *text, struct error *e);
const char *basis_name(uint8_t basis); /* "consent"; "none" */

/* Not stated is biometric. */
enum people { PEOPLE_BIOMETRIC, PEOPLE_PERSONAL, PEOPLE_NONE, PEOPLE_COUNT };
must_use int people_parse(uint8_t *ret, const char *text, struct error *e);
const char *people_name(uint8_t people);

enum source_kind { PARTNER, UPLOAD, SCRAPE, LICENSED, PUBLIC, SYNTHETIC, SOURCE_KIND_COUNT };
must_use int source_kind_parse(uint8_t *ret, const char *text, struct error *e);
const char *source_kind_name(uint8_t kind);

enum notified { NOTIFIED_UNKNOWN, NOTIFIED_YES, NOTIFIED_NO };
must_use int notified_parse(uint8_t *ret, const char *text, struct error *e);
const char *notified_name(uint8_t notified);

struct terms {
	struct period valid;
	const struct uses *allow, *deny; /* deny may be NULL */
	const char *licence;		 /* SPDX id; NULL: missing */
};
/* The version that holds at that time: of several the one that holds from latest, of those the
 * last in the list. NULL: none. */
const struct terms *terms_at(const struct terms *list, size_t count, uint64_t at_utc_ms);

struct transfer {
	const struct uses *uses; /* what was agreed, with all below */
	uint8_t notified;
	bool in_force;		 /* dated not after the time, not ended */
};
struct grant {
	struct period valid;
	const struct uses *uses;
	const struct uses *taken_back; /* withdrawn from it, with all below; may be NULL */
	uint8_t basis;		       /* one that is unknown gives nothing */
	bool explicit_consent;
	bool withdrawn;		       /* all of it */
};
struct grants {
	const struct grant *list;
	size_t count;
};

/* What is known of one record (or of many of which the same is known). */
struct decide_record {
	bool source_known;
	uint8_t source_kind, people;
	const struct terms *terms; /* every version; NULL when there is none */
	size_t terms_count;
	bool by_transfer;		 /* it came by one; a partner's with people in it must */
	const struct transfer *transfer; /* NULL: none named or not found */
	struct grants of_source;	 /* by the controller, for the source */
	const struct grants *of_subject; /* one entry for each known subject */
	size_t subjects;
	bool signal_denies;		 /* a reservation in or beside the data, strictest taken */
	/* grant_withdrawn denies whatever else there is. A withdrawn grant among those above
	 * denies what it was for (and all below) unless the same person has another for it. */
	bool order_open, grant_withdrawn, never_again, erased;
};
/* u names one purpose: with +below it is denied. */
reasons decide(const struct decide_record *r, const struct use *u, uint64_t at_utc_ms);

/* Of a record that a model rests on: may what was done to it (done: that processing, with the
 * asked purpose) be done to it now? And, when the model is to be shared (asked: SHARE), does
 * its licence let what is derived from it be shared? */
reasons decide_derived(const struct decide_record *r, const struct use *done, uint8_t asked,
		       uint64_t at_utc_ms);

/* Of a model: the union of decide_derived over every record it rests on, through its parents,
 * plus the rows of its own. */
enum grade { GRADE_UNKNOWN, GRADE_DECLARED, GRADE_OBSERVED, GRADE_ENFORCED };
const char *grade_name(uint8_t grade);
struct decide_model {
	reasons of_records;	/* the union */
	bool lineage_known;	/* of it and of every parent */
	uint8_t grade, wanted;	/* weakest edge; what policy asks: at least GRADE_DECLARED */
	bool withdrawn, erased; /* it, or a parent that it rests on */
};
reasons decide_model(const struct decide_model *m);

#endif
