#include "cli/call.h"
#include "flow/uses.h"

enum { TRACE_DEPTH_MAX = 64 };

static const json_t *node_of(const json_t *doc, const char *id)
{
	const json_t *nodes = member_list(doc, "nodes"), *node;
	size_t i;

	json_array_foreach(nodes, i, node)
		if (strcmp(member_text(node, "id"), id) == 0)
			return node;
	return NULL;
}

static bool has_edge_to(const json_t *doc, const char *id)
{
	const json_t *edges = member_list(doc, "edges"), *edge;
	size_t i;

	json_array_foreach(edges, i, edge)
		if (strcmp(member_text(edge, "to"), id) == 0)
			return true;
	return false;
}

static bool asked(const json_t *node)
{
	return json_is_true(json_object_get(node, "asked"));
}

/* A node, and below it what grew from it. */
static void branch(struct print *p, const json_t *doc, const char *id, const char *grade,
		   unsigned depth)
{
	const json_t *edges = member_list(doc, "edges"), *edge, *node = node_of(doc, id);
	size_t i;

	if (!node || depth > TRACE_DEPTH_MAX)
		return;
	print_put(p, "%*s%s", (int)(2 * depth), "", depth ? "- " : "");
	print_text(p, member_text(node, "kind"));
	print_put(p, " ");
	print_paint(p, asked(node) ? PAINT_BOLD : PAINT_PLAIN, member_text(node, "label"));
	print_put(p, "%s", asked(node) ? " *" : "");
	if (*member_text(node, "state")) {
		print_put(p, "  ");
		print_state(p, member_text(node, "state"));
	}
	if (grade) {
		print_put(p, "  (");
		print_text(p, grade);
		print_put(p, ")");
	}
	print_put(p, "\n");
	json_array_foreach(edges, i, edge)
		if (strcmp(member_text(edge, "from"), id) == 0)
			branch(p, doc, member_text(edge, "to"), member_text(edge, "grade"), depth + 1);
}

static void tree(struct print *p, const json_t *doc)
{
	const json_t *nodes = member_list(doc, "nodes"), *node;
	size_t i;

	json_array_foreach(nodes, i, node)
		if (!has_edge_to(doc, member_text(node, "id")))
			branch(p, doc, member_text(node, "id"), NULL, 0);
}

/* Within quotes of Graphviz. */
static void dot_text(struct print *p, const char *text)
{
	for (; *text; text++) {
		bool plain = (unsigned char)*text >= 0x20 && *text != 0x7f;

		print_put(p, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", plain ? *text : '?');
	}
}

/* Ids are made of names: [a-z0-9._@:-]. A label may hold what people typed. */
static void dot(struct print *p, const json_t *doc)
{
	const json_t *nodes = member_list(doc, "nodes"), *edges = member_list(doc, "edges"), *o;
	size_t i;

	print_put(p, "digraph lineage {\n\trankdir=LR;\n\tnode [shape=box];\n");
	json_array_foreach(nodes, i, o) {
		const char *state = member_text(o, "state");

		print_put(p, "\t\"%s\" [label=\"%s\\n", member_text(o, "id"), member_text(o, "kind"));
		dot_text(p, member_text(o, "label"));
		print_put(p, "%s%s\"%s];\n", *state ? "\\n" : "", state,
			  asked(o) ? ", penwidth=3" : "");
	}
	json_array_foreach(edges, i, o)
		print_put(p, "\t\"%s\" -> \"%s\" [label=\"%s\"];\n", member_text(o, "from"),
			  member_text(o, "to"), member_text(o, "grade"));
	print_put(p, "}\n");
}

static int trace(struct call *c, struct error *e)
{
	const char *format = call_text(c, "format");
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (format && strcmp(format, "text") != 0 && strcmp(format, "dot") != 0 &&
	    strcmp(format, "json") != 0)
		return error_set(e, E_USAGE, "--format is text, dot or json");
	if (format && strcmp(format, "json") == 0)
		c->json = true;
	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, flow_trace(r, call_operand(c, 0), call_flag(c, "up"),
					 call_flag(c, "down"), &doc, e),
			   &doc, format && strcmp(format, "dot") == 0 ? dot : tree, e);
}

static const struct verb_option options[] = {
	{ .name = "up", .help = "only what it rests on" },
	{ .name = "down", .help = "only what grew from it" },
	{ .name = "format", .value = "text|dot|json", .help = "a tree, a graph for Graphviz, JSON" },
};
static const struct action actions[] = {
	{ .operands = "THING", .least = 1, .most = 1, .options = options,
	  .option_count = COUNT_OF(options), .run = trace, .summary = "lineage, with the grade of every edge" },
};
const struct verb verb_trace = {
	.name = "trace", .group = GROUP_ORDER, .summary = "lineage as a tree",
	.actions = actions, .action_count = COUNT_OF(actions),
	.more = "THING is a source, dataset, model, deployment (d1), output or hand-over (out1); it is "
		"marked with a *. An edge is as sure as its grade: declared, observed or enforced.",
};
