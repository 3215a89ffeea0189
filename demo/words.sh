# Read by demo/story.sh and tests/play.sh: the documents of the story, as files in a folder.
# All names in it are made up.

# usage: words_write FOLDER PEOPLE (a file with one person to a line)
words_write() {
	mkdir -p "$1/consent"
	cat >"$1/volunteers.txt" <<-'TEXT'
	Open Faces, terms for volunteers. Your photos train a program that checks whether somebody is
	who they say they are, and nothing else. You can take your consent back at any time.
	TEXT
	cat >"$1/partner.txt" <<-'TEXT'
	Two Moons, privacy policy of 2014. We share photos with service providers who help us to
	check that our users are who they say they are.
	TEXT
	cat >"$1/users-agreed.txt" <<-'TEXT'
	Two Moons to Keyhole Works, 27 February 2014. Our users agreed to our privacy policy.
	TEXT
	cat >"$1/agreement.txt" <<-'TEXT'
	Two Moons hands Keyhole Works photos of its users on 1 March 2014, for checking identity.
	The users are told by e-mail before.
	TEXT
	cat >"$1/letter.txt" <<-'TEXT'
	Two Moons to Keyhole Works. We looked again: the e-mail of 2014 was never sent. Our users
	were not told.
	TEXT
	cat >"$1/demand.txt" <<-'TEXT'
	The commissioner to Keyhole Works. You take back the photos that you got from Two Moons,
	and everything that grew from them, and show that you did.
	TEXT
	while IFS= read -r who; do
		echo "$who agrees to the terms for volunteers." >"$1/consent/$who.txt"
	done <"$2"
}

# usage: words_weights FILE SEED: bytes that stand in for trained weights
words_weights() { awk -v s="$2" 'BEGIN { srand(s); for (i = 0; i < 20000; i++) print rand() }' >"$1"; }

# usage: words_forge CERTIFICATE COPY: dated a year earlier, and nothing else changed
words_forge() {
	jq -c '.payload |= (@base64d | sub("\"issued\":\"20[0-9]{2}"; "\"issued\":\"2019") | @base64)' \
		"$1" >"$2"
	! cmp -s "$1" "$2"
}
