#include "page/page.h"

#define PAGE receipt_html
#include "page/html_fuzz.h"
