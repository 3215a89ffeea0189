// A reader that shares no line with Rescind: Go's own sumdb packages over our heads and tiles, by
// HTTP from a static server. usage: foreign URL VKEY [HEAD..]
// Opens the head, proves every record against it and compares it with its entry; proves it
// against each older HEAD (a file), and each pair of these. Prints what was proved; exits 1 when anything is not so.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func must(err error, what string, args ...interface{}) {
	if err != nil {
		fmt.Printf("%s: %v\n", fmt.Sprintf(what, args...), err)
		os.Exit(1)
	}
}

type server struct {
	url  string
	seen map[string][]byte
}

func (s *server) get(path string) ([]byte, error) {
	if b, ok := s.seen[path]; ok {
		return b, nil
	}
	r, err := http.Get(s.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", path, r.Status)
	}
	if err == nil {
		s.seen[path] = b
	}
	return b, err
}

// As C2SP tlog-tiles names them: tile/8/L/N without the 8. A partial one that is gone is the beginning of
// the full one.
func path(t tlog.Tile) string { return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/") }

func (s *server) Height() int { return height }

func (s *server) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		b, err := s.get(path(t))
		if err != nil && t.W < 1<<height {
			whole := t
			whole.W = 1 << height
			b, err = s.get(path(whole))
			if err == nil {
				b = b[:t.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func (s *server) SaveTiles([]tlog.Tile, [][]byte) {}

func open(text []byte, v note.Verifier) tlog.Tree {
	n, err := note.Open(text, note.VerifierList(v))
	must(err, "head")
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		must(fmt.Errorf("%q", n.Text), "not a head of %s", v.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, "root")
	t := tlog.Tree{N: size}
	if copy(t.Hash[:], root) != tlog.HashSize {
		must(fmt.Errorf("%d bytes", len(root)), "root")
	}
	return t
}

// Entry i out of its bundle.
func (s *server) entry(i, size int64) []byte {
	t := tlog.Tile{H: height, L: -1, N: i >> height, W: 1 << height}
	if t.N == size>>height {
		t.W = int(size % (1 << height))
	}
	b, err := s.get("tile/entries/" + strings.TrimPrefix(t.Path(), "tile/8/data/"))
	must(err, "bundle of entry %d", i)
	for skip := i % (1 << height); ; skip-- {
		if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
			must(io.ErrUnexpectedEOF, "bundle of entry %d", i)
		}
		next := 2 + int(binary.BigEndian.Uint16(b))
		if skip == 0 {
			return b[2:next]
		}
		b = b[next:]
	}
}

func (s *server) proveRecords(t tlog.Tree) {
	r := tlog.TileHashReader(t, s)
	for i := int64(0); i < t.N; i++ {
		leaf := tlog.RecordHash(s.entry(i, t.N))
		proof, err := tlog.ProveRecord(t.N, i, r)
		must(err, "record %d", i)
		must(tlog.CheckRecord(proof, t.N, t.Hash, i, leaf), "record %d", i)
	}
}

func (s *server) proveTrees(last tlog.Tree, all []tlog.Tree) int {
	r, pairs := tlog.TileHashReader(last, s), 0
	for i, young := range all {
		for _, old := range all[:i+1] {
			if old.N == 0 {
				continue // there is no proof, and none is needed
			}
			proof, err := tlog.ProveTree(young.N, old.N, r)
			must(err, "%d to %d", old.N, young.N)
			must(tlog.CheckTree(proof, young.N, young.Hash, old.N, old.Hash), "%d to %d", old.N, young.N)
			pairs++
		}
	}
	return pairs
}

func main() {
	v, err := note.NewVerifier(os.Args[2])
	must(err, "vkey")
	s := &server{url: os.Args[1], seen: map[string][]byte{}}
	text, err := s.get("checkpoint")
	must(err, "head")
	last := open(text, v)
	var all []tlog.Tree
	for _, name := range os.Args[3:] {
		text, err := os.ReadFile(name)
		must(err, "head")
		all = append(all, open(text, v))
	}
	if last.N == 0 {
		if last.Hash != sha256.Sum256(nil) { // RFC 6962; older sumdb packages have no word for it
			must(fmt.Errorf("%v", last.Hash), "root of the empty tree")
		}
	} else {
		s.proveRecords(last)
	}
	fmt.Printf("%d records and %d pairs of heads proved\n", last.N, s.proveTrees(last, append(all, last)))
}
