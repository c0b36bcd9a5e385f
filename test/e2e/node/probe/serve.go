package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// serve answers until the signal comes.
func serve(ended <-chan os.Signal, out io.Writer) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	var dead atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { answer(w, "hello from", host) })
	mux.HandleFunc("/die", func(w http.ResponseWriter, _ *http.Request) {
		dead.Store(true)
		answer(w, "unhealthy from now on")
	})
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if dead.Load() {
			http.Error(w, "dead", http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) {
		n, err := count(filepath.Join(os.Getenv("DATA"), "count"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, n)
	})
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	closed := make(chan error, 1)
	go func() {
		<-ended
		closed <- server.Shutdown(context.Background())
	}()
	answer(out, "probe serves on", host)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

// count adds one to the number in the file and returns it.
func count(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	n := 0
	if len(text) > 0 {
		if n, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			return 0, err
		}
	}
	n++
	return n, os.WriteFile(file, []byte(strconv.Itoa(n)), 0o600)
}

// answer writes a line. Whoever asked may have gone, which is no trouble of ours.
func answer(w io.Writer, words ...any) { _, _ = fmt.Fprintln(w, words...) }
