#include "page/page.h"

#define PAGE attestation_html
#include "page/html_fuzz.h"
