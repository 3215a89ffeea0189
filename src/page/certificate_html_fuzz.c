#include "page/page.h"

#define PAGE certificate_html
#include "page/html_fuzz.h"
