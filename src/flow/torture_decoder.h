/*
 * torture_decoder: for tests whose processes split at any call: the confined children of media/ are
 * asked once what they say of a file's bytes, and from then on that is what media.c hears, over
 * descriptors that are none, with the same bytes as from a child. It stands in the place of
 * media/worker.h and of sendmsg, recv and poll at link time (meson.build), and of features_dim:
 * a model is of the first TORTURE_DIM features, so that its sums are small.
 */
#ifndef FLOW_TORTURE_DECODER_H
#define FLOW_TORTURE_DECODER_H

/* Ask children, who look only or make features too (a name of learn/feature.h), of all files in this
 * folder. From then on no child is started. A file that nobody asked of is not whole. */
void torture_decoder_ask(const char *folder, const char *features);

#endif
