# Read by demo/story.sh and by demo-out/commands.sh: the documents of the story, as files in a folder.
# All names in it are made up.

# usage: words_write FOLDER PEOPLE (how many of them gave a consent)
words_write() {
	mkdir -p "$1/consent"
	cat >"$1/volunteers.txt" <<-'TEXT'
	Keyhole Works, terms for volunteers. Your photos train and test one model, for the one purpose
	that your consent names. You can take it back at any time.
	TEXT
	cat >"$1/licensed.txt" <<-'TEXT'
	Stock House to Keyhole Works, licence agreement of 2013. The photos come with a release of
	everybody who is in them, for training and testing.
	TEXT
	cat >"$1/partner.txt" <<-'TEXT'
	Two Moons, privacy policy of 2014. We share photos with service providers who help us.
	TEXT
	cat >"$1/users-agreed.txt" <<-'TEXT'
	Two Moons to Keyhole Works, 27 February 2014. Our users agreed to our privacy policy.
	TEXT
	cat >"$1/agreement.txt" <<-'TEXT'
	Two Moons hands Keyhole Works photos of its users on 1 March 2014. The users are told by
	e-mail before.
	TEXT
	cat >"$1/letter.txt" <<-'TEXT'
	Two Moons to Keyhole Works. We looked again: the e-mail of 2014 was never sent. Our users
	were not told.
	TEXT
	cat >"$1/demand.txt" <<-'TEXT'
	The commissioner to Keyhole Works. You take back the photos that you got from Two Moons,
	and everything that grew from them, and show that you did.
	TEXT
	for i in $(seq "$2"); do
		echo "Volunteer $i agrees to the terms for volunteers." >"$1/consent/$i.txt"
	done
}
