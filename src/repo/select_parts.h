/*
 * select_parts: a selector as a tree; for select_parse.c and select.c alone.
 */
#ifndef REPO_SELECT_PARTS_H
#define REPO_SELECT_PARTS_H

#include "repo/select.h"

enum select_word {
	WORD_SOURCE, WORD_TRANSFER, WORD_BATCH, WORD_SUBJECT, WORD_GRANT, WORD_DATASET, WORD_MODEL,
	WORD_RECORD, WORD_SHA256, WORD_PATH, WORD_LICENCE, WORD_ATTR, WORD_SIGNAL, WORD_ERASED, WORD_EXPIRED,
	WORD_COUNT
};

enum node_kind { NODE_WORD, NODE_NOT, NODE_AND, NODE_OR };

/* NOT has one child, AND and OR have at least two, none of them of the same kind. */
struct node {
	enum node_kind kind;
	enum select_word word;
	const char *value;    /* of a word; "" for erased and expired */
	uint64_t first, last; /* of record:; first is also the number in an id */
	bool opens_cards;     /* a path with wildcards, here or below */
	struct node *child, *last_child, *next;
};

struct selector {
	struct arena *a; /* holds all the rest */
	struct node *root;
	const char *text; /* canonical */
	size_t text_len;
};

const char *select_word_name(enum select_word w);

/* select_handed.c: what left by the hand-over of this number, added to s. */
must_use int select_handed_over(struct repo *r, struct arena *a, uint64_t id, struct set *s,
				struct error *e);

#endif
