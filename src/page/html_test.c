#include "page/html.h"

#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;

static const char *escaped(const char *text, size_t len)
{
	static struct buf *b;
	struct error own = { 0 };
	struct html h = { NULL, &own };

	buf_destroy(b);
	b = NULL;
	check_ok(buf_create(&b, 0, &e));
	if (!text)
		return "";
	h.out = b;
	html_text(&h, text, len);
	check_ok(own.code);
	return buf_text(b);
}
#define ESCAPED(literal) escaped(literal, sizeof(literal) - 1)

TEST(what_means_something_in_html_is_escaped)
{
	assert_string_equal(ESCAPED("a<b>&\"'$"), "a&lt;b&gt;&amp;&quot;&#39;$");
	assert_string_equal(ESCAPED(""), "");
	assert_string_equal(ESCAPED("tab\tand\nline"), "tab\tand\nline");
	assert_string_equal(ESCAPED("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x93\xb7"),
			    "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x93\xb7");
}

TEST(bytes_that_no_text_has_are_replaced)
{
	assert_string_equal(ESCAPED("a\x01" "b\x1b\x7f\r"),
			    "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(ESCAPED("a\0b"), "a\xef\xbf\xbd" "b");
	assert_string_equal(ESCAPED("\xc2\x85"), "\xef\xbf\xbd");	       /* C1 */
	assert_string_equal(ESCAPED("\xff<"), "\xef\xbf\xbd&lt;");	       /* not UTF-8 */
	assert_string_equal(ESCAPED("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd"); /* half a character */
	escaped(NULL, 0);
}

TEST(every_byte_alone_is_safe)
{
	for (unsigned c = 0; c < 256; c++) {
		char byte = (char)c;
		const char *text = escaped(&byte, 1);

		check(utf8_valid(text, strlen(text)) && *text);
		check(!strpbrk(text, "<>\"'"));
		check(strchr("\t\n", (int)c) || !((uint8_t)*text < 0x20));
	}
	escaped(NULL, 0);
}

TEST(a_template_takes_texts_in_order_and_misses_none)
{
	scoped(buf) *b = NULL;
	struct error own = { 0 };
	struct html h = { NULL, &own };

	check_ok(buf_create(&b, 0, &e));
	h.out = b;
	html_put(&h, "<a title=\"$\">$</a>$.", "\"x", "$<");
	assert_string_equal(buf_text(b), "<a title=\"&quot;x\">$&lt;</a>.");
	own.code = E_MEMORY;
	html_put(&h, "more");
	check(strstr(buf_text(b), "more") == NULL);
}

TEST(numbers_are_in_groups_of_three)
{
	assert_string_equal(html_number(0).s, "0");
	assert_string_equal(html_number(999).s, "999");
	assert_string_equal(html_number(1000).s, "1,000");
	assert_string_equal(html_number(UINT64_MAX).s, "18,446,744,073,709,551,615");
}

/* --- certificates --- */

TEST_MAIN("page-html")
