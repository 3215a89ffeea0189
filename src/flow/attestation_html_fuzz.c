#include "flow/attest.h"

#define PAGE attestation_html
#include "flow/html_fuzz.h"
