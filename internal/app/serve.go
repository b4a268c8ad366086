package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/web"
)

func (p *program) serve() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			return errors.Join(h.Serve(cmd.Context(), p.out), h.Close())
		},
	}
}

// Handler is the whole site over this house.
func (h *House) Handler() http.Handler {
	return web.New(web.Options{
		Settings: h.Community, BaseURL: h.Config.BaseURL, LeaveURL: h.Config.LeaveURL, DataFolder: h.Config.Data,
		TrustedProxies: h.Config.TrustedProxies, Now: h.Now, Log: h.Log, Metrics: h.Metrics,
		Policies: h.Policies, Accounts: h.Accounts, Setup: h.setup(), Casework: h.Casework, Consents: h.Consents, Privacy: h.Privacy, Meetings: h.Meetings, Places: h.Places, Backups: h.Backups.Last, Record: h.DB, Ready: h.Ready,
	})
}

// Serve answers until ctx ends, then lets the requests under way finish.
func (h *House) Serve(ctx context.Context, out Outside) error {
	l, err := net.Listen("tcp", h.Config.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if err := h.Start(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	s := &http.Server{
		Handler:           h.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(h.Log.Handler(), slog.LevelDebug),
	}
	h.Log.Info("serving", "address", l.Addr().String(), "config", h.Config, "meetings", h.Meetings.Directory().Len())
	if out.Listening != nil {
		out.Listening(l.Addr().String())
	}
	if err := h.inviteToSetUp(ctx, out.Stdout); err != nil {
		h.Log.Warn("the set-up link could not be made", "error", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	h.Log.Info("stopping")
	patience, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Shutdown(patience); err != nil {
		return errors.Join(fmt.Errorf("some requests did not end in time: %w", err), s.Close())
	}
	return nil
}
