/* The whole story of the verbs, from init to compact, each verb with any call or allocation failing
 * and the power going at any moment: fsck --deep finds nothing afterwards, what was told done is
 * done, what was erased opens nowhere, and the same command again ends it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "base/torture.h"
#include "flow/care.h"
#include "flow/decoder.h"
#include "flow/exact.h"
#include "flow/hold.h"
#include "flow/ingest.h"
#include "flow/look.h"
#include "flow/order.h"
#include "flow/receipt.h"
#include "flow/rights.h"
#include "flow/share.h"
#include "flow/torture_files.h"
#include "flow/torture_heads.h"
#include "flow/witness.h"
#include "page/page.h"
#include "repo/things.h"

enum { FAULTS = 80 /* tried of each step when not all are */ };
static const char use[] = "train:IdentityVerification", share_use[] = "share:IdentityVerification";
static const char both_uses[] = "train:IdentityVerification,share:IdentityVerification";

static struct repo *r;
static struct error e;
static json_t *doc;

static json_t **fresh(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return &doc;
}

static unsigned told;

static void tell(__attribute__((unused)) void *ctx, __attribute__((unused)) const char *line)
{
	told++;
}

/* --- the verbs --- */

static int opened(void)
{
	static struct task task;
	struct repo_options o = { .folder = "/repo", .at_utc_ms = TIME_NONE, .tell = tell, .task = &task };

	told = 0;
	repo_close(r);
	r = NULL;
	error_clear(&e);
	return repo_open(&r, &o, &e);
}

static int act_init(void)
{
	struct repo_new n = { .folder = "/repo", .keys = "/keys", .mirror = "/mirror",
			      .origin = "example.org/torture", .solo = true };

	error_clear(&e);
	return repo_init(&n, &e);
}

static int act_source(void)
{
	struct source_words w = { .name = "s", .controller = "C", .kind = "synthetic", .people = "none",
				  .terms = { .terms = "/in/terms", .licence = "CC0-1.0", .allow = both_uses } };

	return opened() < 0 ? e.code : flow_source_add(r, &w, fresh(), &e);
}

static int act_grant(void)
{
	struct grant_words w = { .subject = "alice", .uses = both_uses, .basis = "consent",
				 .evidence = "/in/terms" };

	return opened() < 0 ? e.code : flow_grant_add(r, &w, fresh(), &e);
}

static int act_ingest(void)
{
	static const char *const paths[] = { "/in/photos" };
	struct ingest_words w = { .source = "s", .paths = paths, .path_count = 1, .use = use,
				  .attrs = "/in/attrs.csv", .subjects = "/in/subjects.csv", .in_place = true };

	return opened() < 0 ? e.code : flow_ingest(r, &w, fresh(), &e);
}

static int act_dataset(void)
{
	return opened() < 0 ? e.code : flow_dataset_create(r, "d", use, NULL, fresh(), &e);
}

static int act_model(void)
{
	static const char *const datasets[] = { "d" };
	struct model_words w = { .name = "m", .path = "/in/weights", .datasets = datasets, .dataset_count = 1 };

	return opened() < 0 ? e.code : flow_model_add(r, &w, fresh(), &e);
}

static int act_train(void)
{
	struct train_words w = { .model = "x", .dataset = "d", .target = "colour", .features = "pixels" };

	return opened() < 0 ? e.code : flow_train(r, &w, fresh(), &e);
}

/* Of a record that is here, or erased, and its page. */
static int act_receipt(void)
{
	const struct receipt_request w = { .record = "0" };
	scoped(buf) *out = NULL, *page = NULL;

	if (opened() < 0 || buf_create(&out, 0, &e) < 0 || buf_create(&page, 0, &e) < 0 ||
	    flow_receipt(r, &w, out, &e) < 0)
		return e.code;
	return receipt_html(out->data, out->len, page, &e);
}

/* What is half there was written for nobody: somebody takes another folder. */
static int hand_over(const char *folder, const char *other, const char *to)
{
	struct share_words w = { .dataset = "d", .folder = file_exists(folder) ? other : folder, .to = to };

	if (opened() < 0)
		return e.code;
	if (!to)
		return flow_dataset_export(r, &w, fresh(), &e);
	w.use = share_use;
	w.under = "/in/terms";
	return flow_share(r, &w, fresh(), &e);
}

static int act_export(void) { return hand_over("/out/ours", "/out/ours2", NULL); }
static int act_share(void) { return hand_over("/out/theirs", "/out/theirs2", "Them"); }

static int act_deploy(void) { return opened() < 0 ? e.code : torture_deploy(r, fresh(), &e); }
static int act_undeploy(void) { return opened() < 0 ? e.code : torture_undeploy(r, fresh(), &e); }

static int act_hold(void)
{
	const struct hold_words w = { "record:2-3", "tax", "2090-01-01" };

	return opened() < 0 ? e.code : flow_hold(r, &w, fresh(), &e);
}

static int act_release(void)
{
	return opened() < 0 ? e.code : flow_hold_release(r, "h1", "over", fresh(), &e);
}

static int act_witness(void)
{
	static const char vkey[] = "w.example/1+e5de624a+BK9HbmA3vP1HO764Gd7zQj6XyB5QvIxUwVoKLtum4Dcm";

	return opened() < 0 ? e.code : flow_witness_add(r, "http://127.0.0.1:1/", vkey, NULL, fresh(), &e);
}

static int act_no_witness(void)
{
	return opened() < 0 ? e.code : flow_witness_rm(r, "w.example/1", fresh(), &e);
}

static int act_order(void)
{
	const struct order_words w = { .selector = "record:0-1", .authority = "A", .reason = "B" };

	return opened() < 0 ? e.code : flow_order_open(r, &w, fresh(), &e);
}

static int act_plan(void)
{
	return opened() < 0 ? e.code : flow_order_plan(r, "o1", fresh(), &e);
}

static int act_approve(void)
{
	char plan[65];

	if (act_plan() < 0)
		return e.code;
	snprintf(plan, sizeof(plan), "%s", json_text_or(doc, "plan", ""));
	return flow_order_approve(r, "o1", plan, fresh(), &e);
}

static int act_execute(void)
{
	return opened() < 0 ? e.code : flow_order_execute(r, "o1", NULL, fresh(), &e);
}

/* Two orders, each as far as approved. */
static int approve(const char *id, const char *selector)
{
	const struct order_words w = { .selector = selector, .authority = "A", .reason = "B" };
	const char *state = "none";
	char plan[65];

	if (opened() < 0)
		return e.code;
	if (flow_order_status(r, id, fresh(), &e) == 0)
		state = json_text_or(doc, "state", "");
	else if (e.code != E_NOT_FOUND)
		return e.code;
	if (strcmp(state, "approved") == 0)
		return 0;
	if (strcmp(state, "none") == 0 && flow_order_open(r, &w, fresh(), &e) < 0)
		return e.code;
	if (flow_order_plan(r, id, fresh(), &e) < 0)
		return e.code;
	snprintf(plan, sizeof(plan), "%s", json_text_or(doc, "plan", ""));
	return flow_order_approve(r, id, plan, fresh(), &e);
}

static int act_two_orders(void)
{
	return approve("o2", "record:2") < 0 ? e.code : approve("o3", "record:3");
}

static int act_batch(void)
{
	const struct execute_words w = { .batch = true };

	return opened() < 0 ? e.code : flow_order_execute(r, "o2", &w, fresh(), &e);
}

/* Opens the order to take alice's photo back. */
static int act_withdraw(void)
{
	return opened() < 0 ? e.code : flow_grant_withdraw(r, "g1", NULL, NULL, fresh(), &e);
}

static int act_compact(void)
{
	return opened() < 0 ? e.code : flow_compact(r, fresh(), &e);
}

static int act_rebuild(void)
{
	struct repo_options o = { .folder = "/repo", .at_utc_ms = TIME_NONE, .tell = tell, .rebuild = true };

	repo_close(r);
	r = NULL;
	error_clear(&e);
	return repo_open(&r, &o, &e);
}

static int act_successor(void)
{
	static const char *const lost[] = { "anchor" };
	struct successor_words w = { .lost = lost, .lost_count = 1, .reason = "a disk", .drop = true };

	return opened() < 0 ? e.code : flow_log_successor(r, &w, fresh(), &e);
}

/* --- what must be true --- */

/* What each step makes true. */
struct step {
	const char *name;
	int (*act)(void);
	bool (*is_done)(void);
	int again[3]; /* what the same command may answer when it was done: 0 is 0 */
};

static uint64_t facts(void)
{
	uint64_t n = 0;

	check_ok(catalog_fact_count(r->catalog, &n, &e));
	return n;
}

static uint64_t records(void)
{
	uint64_t n = 0;

	check_ok(catalog_commitment_count(r->catalog, &n, &e));
	return n;
}

/* A show that finds it. */
static bool is_there(int code)
{
	check(code == 0 || code == E_NOT_FOUND);
	error_clear(&e);
	return code == 0;
}

static bool order_named_is(const char *id, const char *state)
{
	static const char *const names[] = { "open", "planned", "approved", "executing", "certified" };
	const char *found;
	size_t i = 0, j = 0;

	if (flow_order_status(r, id, fresh(), &e) < 0) {
		check(e.code == E_NOT_FOUND);
		error_clear(&e);
		return false;
	}
	found = json_text_or(doc, "state", "");
	while (i < 4 && strcmp(names[i], state) != 0)
		i++;
	while (j < 4 && strcmp(names[j], found) != 0)
		j++;
	return j >= i;
}

static bool order_is(const char *state) { return order_named_is("o1", state); }

/* So many of a kind, the last of them in this state. */
static bool has_things(uint8_t kind, uint64_t count, uint8_t state)
{
	struct catalog_thing t = { .state = 0 };
	scoped(arena) *a = NULL;
	uint64_t next;

	check_ok(arena_create(&a, &e));
	check_ok(catalog_next_id(r->catalog, kind, &next, &e));
	if (next <= count)
		return false;
	check_ok(catalog_thing(r->catalog, a, kind, count, &t, &e));
	return t.state == state;
}

static void check_erased(uint64_t first, uint64_t last)
{
	for (uint64_t pos = first; pos <= last; pos++) {
		struct catalog_record rec;
		bool alive = true;

		check_ok(catalog_record(r->catalog, pos, &rec, &e));
		check(rec.status == RECORD_ERASED);
		check_ok(keyring_alive(r->keyring, rec.slot, &alive, &e));
		check(!alive);
	}
}

static bool done_grant(void) { return has_things(THING_GRANT, 1, 0); }
static bool done_export(void) { return has_things(THING_HANDOVER, 1, 0); }
static bool done_share(void) { return has_things(THING_HANDOVER, 2, 0); }
static bool done_deploy(void) { return has_things(THING_DEPLOYMENT, 1, 0); }
static bool done_undeploy(void) { return has_things(THING_DEPLOYMENT, 1, 1); }
static bool done_hold(void) { return has_things(THING_HOLD, 1, 0); }
static bool done_release(void) { return has_things(THING_HOLD, 1, 1); }
static bool done_two_orders(void) { return order_named_is("o2", "approved") && order_named_is("o3", "approved"); }
static bool done_withdraw(void) { return order_named_is("o4", "open"); }

static size_t witnesses(void)
{
	check_ok(flow_witness_ls(r, fresh(), &e));
	return json_array_size(doc);
}

static bool done_witness(void) { return witnesses() == 1; }
static bool done_no_witness(void) { return witnesses() == 0; }

/* Both, and nobody was left between the checkpoints that unlearned them. */
static bool done_batch(void)
{
	if (!order_named_is("o2", "certified") || !order_named_is("o3", "certified"))
		return false;
	check_erased(2, 3);
	check_ok(flow_model_show(r, "x", fresh(), &e));
	check(json_number_or(doc, "version", 0) == 3);
	return true;
}

static bool done_init(void) { return facts() == 2; }
static bool done_source(void) { return is_there(flow_source_show(r, "s", fresh(), &e)); }
static bool done_ingest(void) { return records() == TORTURE_PHOTOS + 1; }
static bool done_dataset(void) { return is_there(flow_dataset_show(r, "d", fresh(), &e)); }
static bool done_model(void) { return is_there(flow_model_show(r, "m", fresh(), &e)); }
static bool done_train(void) { return is_there(flow_model_show(r, "x", fresh(), &e)); }
static bool done_order(void) { return order_is("open"); }
static bool done_plan(void) { return order_is("planned"); }
static bool done_approve(void) { return order_is("approved"); }
static bool always(void) { return true; }
static bool done_successor(void) { return strchr(r->origin, '~') != NULL; }

/* Certified, and of what it takes back nothing is left. */
static bool done_execute(void)
{
	if (flow_order_status(r, "o1", fresh(), &e) < 0 ||
	    strcmp(json_text_or(doc, "state", ""), "certified") != 0)
		return false;
	check_erased(0, 1);
	check_ok(flow_model_show(r, "x", fresh(), &e));
	check(json_number_or(doc, "version", 0) == 2); /* unlearned */
	check(!file_exists("/in/photos/p0") && !file_exists("/in/photos/p1"));
	check(file_exists("/in/photos/p2"));
	check(!file_exists("/in/weights"));
	check(!disk_holds("/", torture_photo, torture_photo_len)); /* nor was it ever anywhere in clear */
	return true;
}

static const struct step *now;

static void see(void)
{
	r = NULL; /* whoever held it has ended */
	torture_heads_note();
}

static void fsck(bool deep)
{
	int code = flow_fsck(r, deep, fresh(), &e);

	if (code != 0)
		fail_msg("fsck: %s", doc ? json_dumps(json_object_get(doc, "problems"), 0) : e.text);
	check(torture_heads_within(r, facts(), records()));
}

static bool may_say(int code)
{
	for (size_t i = 0; i < COUNT_OF(now->again); i++)
		if (now->again[i] == code)
			return true;
	return false;
}

/* A log that lost its end is read, until it is followed. */
static bool is_lost(bool is)
{
	return now->act == act_successor && !is;
}

static void look(bool done)
{
	bool is;
	int code;

	r = NULL;
	torture_heads_note();
	code = opened();
	if (now->act == act_init && !done && code == E_NOT_FOUND) {
		check_ok(act_init());
		code = opened();
	}
	check_ok(code);
	is = now->is_done();
	check(r->read_only == is_lost(is));
	check(is || !done);
	if (!is_lost(is))
		fsck(false);
	repo_close(r);
	r = NULL;
	if (torture_seen(is))
		return;
	check_ok(opened());
	check((told > 0) == is_lost(is));
	check(now->is_done() || !is);
	is = now->is_done(); /* a repair may end what was cut */
	error_clear(&e);
	if (now->act != act_init) {
		code = now->act();
		if (!(is ? may_say(code) : code == 0))
			fail_msg("again (%s): %d %s", is ? "done" : "not done", code, e.text);
	}
	check_ok(opened());
	check(now->is_done());
	fsck(true);
	torture_heads_note();
}

static const struct step steps[] = {
	{ "init", act_init, done_init, { E_CONFLICT } },
	{ "source", act_source, done_source, { E_CONFLICT, E_CONFLICT, E_CONFLICT } },
	{ "grant", act_grant, done_grant, { 0 } },
	{ "ingest", act_ingest, done_ingest, { 0 } },
	{ "dataset", act_dataset, done_dataset, { 0 } },
	{ "model", act_model, done_model, { 0 } },
	{ "train", act_train, done_train, { 0 } },
	{ "receipt", act_receipt, always, { 0 } },
	{ "export", act_export, done_export, { 0 } },
	{ "share", act_share, done_share, { 0 } },
	{ "deploy", act_deploy, done_deploy, { 0 } },
	{ "undeploy", act_undeploy, done_undeploy, { E_CONFLICT, E_CONFLICT, E_CONFLICT } },
	{ "hold", act_hold, done_hold, { 0 } },
	{ "release", act_release, done_release, { E_CONFLICT, E_CONFLICT, E_CONFLICT } },
	{ "witness", act_witness, done_witness, { E_CONFLICT, E_CONFLICT, E_CONFLICT } },
	{ "no-witness", act_no_witness, done_no_witness, { E_NOT_FOUND, E_NOT_FOUND, E_NOT_FOUND } },
	{ "order", act_order, done_order, { 0, E_DENIED } },
	{ "plan", act_plan, done_plan, { 0 } },
	{ "approve", act_approve, done_approve, { 0, E_CONFLICT } },
	{ "execute", act_execute, done_execute, { 0, E_CONFLICT } },
	{ "receipt-erased", act_receipt, always, { 0 } },
	{ "two-orders", act_two_orders, done_two_orders, { 0 } },
	{ "batch", act_batch, done_batch, { 0, E_CONFLICT } },
	{ "withdraw", act_withdraw, done_withdraw, { E_CONFLICT, E_CONFLICT, E_CONFLICT } },
	{ "compact", act_compact, always, { 0 } },
	{ "rebuild", act_rebuild, always, { 0 } },
	{ "successor", act_successor, done_successor, { E_CONFLICT, E_CONFLICT, E_CONFLICT } },
};

static void begin(void)
{
	torture_heads_forget();
	disk_end();
	disk_begin();
	torture_files();
}

TEST(every_verb_with_every_fault_is_done_or_can_be_done_again)
{
	begin();
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct torture t = { steps[i].name, steps[i].act, see, opened, look, FAULTS, NULL, 0 };

		t.noted = torture_heads_noted(&t.noted_len);
		now = &steps[i];
		if (now->act == act_two_orders)
			torture_keep();
		if (now->act == act_successor)
			torture_lose();
		torture(&t);
		if (now->act() < 0)
			fail_msg("%s: %s", now->name, e.text);
		check_ok(opened());
		check(now->is_done());
		torture_heads_settle(r, facts(), records());
		repo_close(r);
		r = NULL;
	}
}

static const struct sys *under;
static unsigned publications;

/* The second head of facts that a command publishes is not: the first may be a repair. */
static int rename_but_once(const char *from, const char *to)
{
	if (strcmp(to, "/repo/.rescind/log/facts/checkpoint") == 0 && ++publications == 2) {
		errno = EIO;
		return -1;
	}
	return under->rename(from, to);
}

TEST(a_step_that_is_done_but_was_not_published_is_not_done_again)
{
	struct sys table;
	unsigned failed = 0;
	int code;

	begin();
	for (size_t i = 0; steps[i].act != act_execute; i++)
		check_ok(steps[i].act());
	under = sys;
	table = *under;
	table.rename = rename_but_once;
	sys = &table;
	for (; (code = act_execute()) < 0 && failed < 50; failed++)
		publications = 0;
	sys = under;
	check_ok(code);
	check(failed > 4);
	check_ok(opened());
	check(done_execute());
	fsck(true);
	repo_close(r);
	r = NULL;
}

int main(int argc, char **argv)
{
	int failed;

	decoder_main(argc, argv);
	failed = test_run_all("flow-torture");
	json_decref(doc);
	disk_end();
	print_message("%llu faults\n", (unsigned long long)torture_faults());
	return failed;
}
