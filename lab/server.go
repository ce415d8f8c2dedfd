package lab

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"csdm/env"
)

// Server holds the state of a lab: the key and the rooms.
type Server struct {
	key   string
	env   env.Env
	jobs  *jobs
	rooms map[string]job
	files map[string]file

	inverse  *inverse // its table and generator serve other rooms
	training *training

	background context.Context // ends with the server
	end        context.CancelFunc
}

// New returns a server with a new key. Its rooms compute with env.Threads
// threads.
func New(env env.Env) (*Server, error) {
	s := &Server{key: rand.Text(), env: env, jobs: newJobs(), rooms: map[string]job{},
		files: map[string]file{}}
	s.env.Note, s.env.Progress = func(string) {}, func(string, int, int, string) {}
	s.background, s.end = context.WithCancel(context.Background())
	for _, add := range []func() error{s.addInverse, s.addScore, s.addNetwork, s.addTraining,
		s.addTrust, s.addMeasurement} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close ends all computations of the server, and removes the folders of its
// trainings.
func (s *Server) Close() error {
	s.end()
	s.jobs.slot <- struct{}{} // the running computation has ended
	defer func() { <-s.jobs.slot }()
	return s.training.close()
}

// Address returns the address of the page of a server that listens at a.
func (s *Server) Address(a net.Addr) string { return fmt.Sprintf("http://%v/?k=%s", a, s.key) }

// Listen returns a listener on the loopback interface; port 0 takes a free one.
func Listen(port int) (net.Listener, error) {
	return net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
}

// Serve serves until ctx ends. It then stops all computations and returns nil.
//
// Open connections get two seconds to end, then are closed.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	defer s.end()
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return s.background }}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.end() // the open pages see their connection end
	closing, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		err = server.Close()
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// policy allows the page to load from the server alone.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler returns the handler of all paths.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	for _, a := range assets {
		mux.HandleFunc("GET /"+a.name, a.serve)
	}
	mux.HandleFunc("GET /alive", s.alive)
	mux.HandleFunc("POST /job/{name}", s.job)
	mux.HandleFunc("GET /file/{name}", s.file)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if why := s.refuse(r); why != "" {
			http.Error(w, why, http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refuse returns the reason to refuse a request, or "".
//
// The order is: a name that is not this machine's, another site, a wrong key.
// The key is compared in constant time, so that the time of a refusal does not
// show how many letters agree.
func (s *Server) refuse(r *http.Request) string {
	if !loopback(r.Host) {
		return "The Host header must name this machine: open the address that csdm lab printed."
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return "The request comes from another site."
	}
	if site := r.Header.Get("Sec-Fetch-Site"); r.Method != http.MethodGet && site != "" &&
		site != "same-origin" {
		return "The request comes from another site."
	}
	key := r.URL.Query().Get("k")
	if subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) != 1 {
		return "The key is missing or not the one of this lab: open the address that csdm lab " +
			"printed last."
	}
	return ""
}

// loopback reports whether a Host header names the loopback interface, with any
// port: a tunnel may end at another one.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "127.0.0.1" || host == "localhost"
}

// alive keeps a response open until the server ends. The page shows a message
// when it ends.
func (s *Server) alive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "retry: 1000\n\ndata: alive\n\n")
	if err := http.NewResponseController(w).Flush(); err != nil {
		return
	}
	select {
	case <-r.Context().Done():
	case <-s.background.Done():
	}
}
