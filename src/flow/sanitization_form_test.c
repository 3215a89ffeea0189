#include "flow/sanitization_form.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "proof/signoff.h"

static struct error e;

static int parse(const char *text)
{
	scoped_json *o = NULL;

	error_clear(&e);
	return sanitization_form_parse(&o, text, strlen(text), &e);
}

#define FULL \
	"{\"media\": [{\"holds\": \"repository\", \"vendor\": \"Samsung\", \"model\": \"980 PRO\"," \
	" \"serial\": \"S5\", \"assetId\": \"KO-17\", \"type\": \"solid state\", \"source\": \"system\"}]," \
	" \"confidentiality\": {\"pre\": \"biometric\", \"post\": \"none\"}, \"destination\": \"reuse\"," \
	" \"backups\": [{\"location\": \"vault in Brno\", \"until\": \"2027-01-01\", \"covered\": \"no\"}]," \
	" \"people\": {\"performed\": {\"name\": \"Inés\", \"title\": \"Operator\", \"organisation\": \"K\"," \
	" \"location\": \"Ostrava\", \"contact\": \"i@k.example\"}, \"verified\": {}, \"validated\": {\"name\": \"Z\"}}}"

TEST(every_member_may_be_missing)
{
	check_ok(parse(FULL));
	check_ok(parse("{}"));
	check_ok(parse("{\"media\": [], \"backups\": []}"));
	check_ok(parse("{\"people\": {}}\n"));
}

TEST(what_is_no_form_is_refused)
{
	static const char *const wrong[] = {
		"", "[]", "{", "null", "{\"media\": {}}", "{\"media\": [1]}", "{\"media\": [{\"serial\": 1}]}",
		"{\"media\": [{\"color\": \"red\"}]}", "{\"medium\": []}", "{\"confidentiality\": \"high\"}",
		"{\"confidentiality\": {\"before\": \"\"}}", "{\"destination\": 1}", "{\"backups\": \"no\"}",
		"{\"people\": []}", "{\"people\": {\"approved\": {}}}", "{\"people\": {\"performed\": \"me\"}}",
		"{\"people\": {\"performed\": {\"name\": \"A\\u001b[2J\"}}}", "{\"destination\": \"a\\nb\"}",
		"{\"destination\": \" \"}", "{\"method\": \"purge\"}", "{\"destination\": \"x\"} {}",
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (parse(wrong[i]) != E_FORMAT)
			fail_msg("%s: code %d", wrong[i], e.code);
}

TEST(rows_texts_and_the_file_have_an_end)
{
	static char text[SANITIZATION_FORM_MAX + 2];

	for (int more = 0; more < 2; more++) {
		strcpy(text, "{\"media\": [{}");
		for (int i = 1; i < SANITIZATION_ROWS_MAX + more; i++)
			strcat(text, ",{}");
		strcat(text, "]}");
		check_code(parse(text), more ? E_RANGE : 0);
		sprintf(text, "{\"destination\": \"%0*d\"}", SIGNOFF_TEXT_MAX + more, 0);
		check_code(parse(text), more ? E_RANGE : 0);
		sprintf(text, "{}%*s", SANITIZATION_FORM_MAX - 2 + more, "");
		check_code(parse(text), more ? E_RANGE : 0);
	}
}

TEST_MAIN("sanitization_form")
