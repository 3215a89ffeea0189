/*
 * fault: named points at which RESCIND_FAULT=STEP:N kills the process (SIGKILL to
 * itself) at the N-th passing. They exist in every build and do nothing else.
 * The list below is what `rescind help faults` prints.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#define FAULTS(X) \
	X(vault_pack_written)	 /* a pack is durable, its transaction not begun */ \
	X(keyring_written)	 /* a new generation is durable, not yet current */ \
	X(keyring_mirrored)	 /* also in the mirror */ \
	X(keyring_switched)	 /* current; the old epoch's keys still there */ \
	X(keyring_destroyed)	 /* the old epoch's keys are gone */ \
	X(head_stored)		 /* heads signed, in the transaction that is open */ \
	X(catalog_before_commit) /* all rows written, transaction open */ \
	X(catalog_committed)	 /* committed, nothing published */ \
	X(log_tiles_written)	 /* tiles durable, anchor not moved */ \
	X(anchor_set)		 /* anchor moved, head not yet public */ \
	X(head_published)	 /* checkpoint files in place */ \
	X(order_step_intent)	 /* intent committed, effect not begun */ \
	X(order_step_effect)	 /* effect done, not yet noted */ \
	X(order_step_noted)	 /* noted */ \
	X(order_unlearned)	 /* solved and sealed, not yet committed */ \
	X(certificate_written)	 /* statement sealed, fact not committed */ \
	X(compact_written)	 /* new packs durable, old ones still there */ \
	X(successor_made)	 /* a log's successor is whole beside it, nothing switched */ \
	X(successor_begun)	 /* it is to take its place */ \
	X(successor_logs)	 /* its tiles and heads did */ \
	X(successor_named)	 /* and catalog and format */ \
	X(successor_keyed)	 /* and the log's key; the old one is gone */ \
	X(successor_anchored)	 /* and the anchor; keys of what was lost still there */

enum fault {
#define X(name) FAULT_##name,
	FAULTS(X)
#undef X
	FAULT_COUNT
};

extern const char *const fault_names[FAULT_COUNT];

/* Passing this point. */
void fault_pass(enum fault f);
#define FAULT(name) fault_pass(FAULT_##name)

#endif
