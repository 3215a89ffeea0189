#include "cli/help.h"

const struct topic help_topics[] = {
	{ "selectors", "Selectors",
	  "One small language picks records everywhere:\n"
	  "  source:NAME  transfer:ID  batch:ID  subject:ID  grant:ID  dataset:NAME[@V]\n"
	  "  model:NAME[@V]  record:POS[-POS]  sha256:HEX  path:GLOB  licence:SPDX\n"
	  "  attr:KEY=VALUE  signal:NAME (none yet: picks nothing)  expired  erased\n"
	  "with and, or, not and parentheses; double quotes around values with spaces:\n"
	  "  rescind ls 'source:partner and not (subject:p7 or path:\"my photos/*\")'\n" },
	{ "exit", "Exit codes",
	  "  0  done\n"
	  "  1  failed\n"
	  "  2  wrong usage\n"
	  "  3  denied by a decision\n"
	  "  4  verification failed (verify, fsck)\n"
	  "  5  partly done: what is left is said\n"
	  "A verb that has a result prints its whole document on stdout whatever the code.\n" },
	{ "words", "Names, times and uses",
	  "Names are of a-z, 0-9, '.', '_' and '-', and begin with a letter or digit; a\n"
	  "version is a counter, name@3; without one, the latest. Times are UTC, RFC 3339.\n"
	  "A use is processing:purpose, as train:IdentityVerification. BASIS is consent,\n"
	  "contract, legal-obligation, vital-interest, public-task or legitimate-interest.\n" },
	{ "environment", "Environment",
	  "  RESCIND_REPO   the folder that holds .rescind/, where --repo is not given\n"
	  "  XDG_DATA_HOME  where `init` puts keys, where --keys is not given\n"
	  "  NO_COLOR       no colours, whatever stdout is\n"
	  "  RESCIND_FAULT  STEP:N kills the process at the N-th passing of a step, for tests\n"
	  "                 (rescind help faults names them)\n" },
};
const size_t help_topic_count = COUNT_OF(help_topics);
