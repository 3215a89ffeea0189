/*
 * archive_world: archives for tests, as a pile of files in which a liar looks for something to
 * change before all is packed: sums are counted, and stamps made, when it is.
 */
#ifndef PROOF_ARCHIVE_WORLD_H
#define PROOF_ARCHIVE_WORLD_H

#include "proof/archive.h"
#include "proof/world.h"

enum { STORY_ORDERS = 2, STORY_LAYERS = 3, STORY_LIES = 3 };
/* Two orders of one world, each with its certificate and the fact that it was issued. */
struct story {
	struct world w;
	struct {
		struct buf *certificate;
		struct hash demand;
		uint64_t opened, fact, first_size; /* of the certificate's head */
	} of[STORY_ORDERS];
	uint64_t size[STORY_LAYERS + 1]; /* of the head of layer N */
	/* What an operator who lies logged before the last head: the first certificate once more,
	 * for another order, under another type, and again as it was. */
	uint64_t lie[STORY_LIES];
};
extern struct story story;
extern const uint8_t story_person[SIGN_SEED_LEN]; /* who signs off */
/* Parts: of order 0 or 1. */
struct buf *story_proof(uint64_t n, uint64_t size, const struct hash *leaves, const char *log);
struct buf *story_certified(size_t order, uint64_t old_size, uint64_t size);
struct buf *story_signoff(size_t order);
struct policy *story_policy(bool quorum);

/* The checks that do not hold: "archive certified"; lent until the next call. With the story's
 * key pinned, and more. */
const char *story_failed(const struct verdict *v);
struct verdict *story_verdict(const struct buf *archive, const struct archive_pins *more);
void story_holds_but(const struct buf *archive, const struct archive_pins *more, const char *failed,
		     const char *what);
bool story_says(const struct verdict *v, const char *words); /* in signed_by_others */
int story_main(const char *area);

struct pile;
/* Of order 0; a sign-off in the first layer, a stamp in each, every head cosigned. */
struct pile *story_pile(size_t layers);
void pile_destroy(struct pile *p);
SCOPED(pile, pile_destroy);
struct buf *pile_pack(const struct pile *p);
void pile_seed(const struct buf *b,
	       const char *name); /* for the fuzzer, into RESCIND_SEEDS, if set */

/* Files by their names; whatever ends the test when there is none. */
void pile_text(struct pile *p, const char *name, const char *text);
void pile_bytes(struct pile *p, const char *name, const struct buf *bytes);
void pile_fill(struct pile *p, const char *name, size_t len_bytes);
void pile_add_byte(struct pile *p, const char *name, char c);
void pile_replace(struct pile *p, const char *name, const char *what,
		  const char *by);					  /* the first */
void pile_flip_after(struct pile *p, const char *name, const char *what); /* one letter */
void pile_drop(struct pile *p, const char *name);
void pile_drop_all(struct pile *p, const char *part);
void pile_rename_all(struct pile *p, const char *begin, const char *by);
void pile_insert(struct pile *p, const char *before, const char *name,
		 const struct buf *bytes); /* before NULL: at the end */
void pile_swap(struct pile *p, const char *a, const char *b);
/* keys/log.pem: 0, of the log; 1, another. */
void pile_put_key(struct pile *p, int which);
/* Proof and certified.json of a layer: of an order, its head of size, grown from old_size. */
void pile_layer_again(struct pile *p, size_t layer, size_t order, uint64_t size, uint64_t old_size);
/* The same of a fact that the operator logged. */
void pile_layer_of(struct pile *p, size_t layer, uint64_t fact, uint64_t size, uint64_t old_size);
void pile_cosigned(struct pile *p, size_t layer, bool is);
void pile_stamp_at(struct pile *p, const char *name, const char *at);
/* This stamp is what another one comes out as. */
void pile_freeze_as(struct pile *p, const char *name, const char *other);

#endif
