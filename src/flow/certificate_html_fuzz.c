#include "flow/order.h"

#define PAGE certificate_html
#include "flow/html_fuzz.h"
