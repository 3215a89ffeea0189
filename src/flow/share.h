/*
 * share: the sixth door. Records leave, as files or in shards: every record of a dataset is decided again
 * for the use, and one that is denied shuts the door. What left is a hand-over (flow/handover.h).
 *
 *   DIR/PATH..          files: each record's bytes under its own path, made safe and unique
 *   DIR/manifest.csv    path,sha256,bytes of each of these files (or shards)
 *   DIR/handover.json   to others: a DSSE envelope (docs/formats.md), signed by the log's key
 *   DIR/terms/NAME.json to others: on what terms the data of a source came to us
 *   DIR/attrs.csv, subjects.csv   to ourselves: as ingest reads them
 *   DIR/shard-000000.tar          webdataset: KEY.jpg and KEY.json for each record
 *
 * The files are written and synced before the change commits. A failure removes them; a kill
 * leaves them and no fact, and then the folder is not empty when it is tried again.
 */
#ifndef FLOW_SHARE_H
#define FLOW_SHARE_H

#include "flow/sets.h"

enum { SHARD_RECORDS = 1000, SHARD_BYTES = 256 << 20 };

struct share_words {
	const char *dataset, *folder;
	const char *to, *use, *under; /* share; under: a file. export: NULL */
	const char *format;	      /* files or webdataset; NULL: files */
};
/* {"transfer":"out1","dataset","records","to","use","format","at"}. E_DENIED with {"transfer":null,
 * "decision":"deny","reasons":[..],"counts":{..}}, and nothing is written. E_USAGE: the use is
 * not share:PURPOSE; E_CONFLICT: the folder is not empty. */
must_use int flow_share(struct repo *r, const struct share_words *w, json_t **ret,
			struct error *e);
/* To ourselves, for the dataset's own use: the same document, `to` null, and `shards`. */
must_use int flow_dataset_export(struct repo *r, const struct share_words *w, json_t **ret,
				 struct error *e);

#endif
