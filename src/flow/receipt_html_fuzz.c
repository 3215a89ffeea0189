#include "flow/receipt.h"

#define PAGE receipt_html
#include "flow/html_fuzz.h"
