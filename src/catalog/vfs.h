/*
 * vfs: the floor that SQLite stands on: every file, lock, clock and random call of it goes
 * through base/sys.h. For databases with a rollback journal; there is no shared memory, so
 * no WAL, no mapping, and no temporary file: who asks for one is refused.
 *
 * Locks are those of open file descriptions on SQLite's usual bytes, so that two handles of
 * one process exclude each other as two processes do, and the sqlite3 shell may look on.
 */
#ifndef CATALOG_VFS_H
#define CATALOG_VFS_H

#include "base/error.h"
#include "base/own.h"

#define VFS_NAME "rescind"

/* Make it known to SQLite under VFS_NAME, not as the default. Again is fine. */
must_use int vfs_register(struct error *e);

/* For sqlite3_file_control on "main". From VFS_HOLD on, a commit that ends its journal leaves it to the
 * caller to make that durable, and keeps everybody else out until VFS_RELEASE: they see no change that
 * a power cut may undo. The arg of VFS_HELD (an int) gets the descriptor of such a journal, lent, or -1.
 * VFS_RELEASE also ends VFS_HOLD. */
enum { VFS_HOLD = 0x52736301, VFS_HELD, VFS_RELEASE };

#endif
