// Package event owns live updates: it tells open pages and caches that something about a topic has changed,
// within a process and, on PostgreSQL, across processes.
//
// It must never carry data: a subscriber that is woken reads the database. Events may be joined and, when a
// connection breaks, come without cause; a cache that must be right in the end also looks on its own.
package event

import (
	"context"
	"sync"
	"time"

	"hearth/internal/db"
)

const channel = "hearth_event"

// Hub connects those who publish with those who subscribe.
type Hub struct {
	db *db.DB

	mu          sync.Mutex
	subscribers map[string]map[chan struct{}]bool
	stop        func()
	stopped     chan struct{}
}

// New returns a hub that hears its own process. Start it to hear others.
func New(d *db.DB) *Hub {
	return &Hub{db: d, subscribers: map[string]map[chan struct{}]bool{}}
}

// Publish wakes the subscribers of a topic once the transaction is committed. A topic is a short name that
// says nothing about a person.
func (h *Hub) Publish(ctx context.Context, tx *db.Tx, topic string) error {
	tx.AfterCommit(func() { h.wake(topic) })
	return tx.Notify(ctx, channel, topic)
}

// Subscribe returns a channel that receives after each publication of the topic, joined while nobody
// receives, and a function that ends the subscription. The channel is never closed.
func (h *Hub) Subscribe(topic string) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers[topic] == nil {
		h.subscribers[topic] = map[chan struct{}]bool{}
	}
	h.subscribers[topic][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers[topic], c)
		if len(h.subscribers[topic]) == 0 {
			delete(h.subscribers, topic)
		}
	}
}

// Start begins to hear other processes, until Stop. Calling it again does nothing.
func (h *Hub) Start(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stop != nil {
		return
	}
	ctx, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	h.stopped = stopped
	go func() {
		defer close(stopped)
		for ctx.Err() == nil {
			// Whatever happened while nobody listened: wake everybody.
			_ = h.db.Listen(ctx, channel, h.wakeAll, h.wake)
			again := time.NewTimer(time.Second)
			select {
			case <-ctx.Done():
			case <-again.C:
			}
			again.Stop()
		}
	}()
}

// Stop ends what Start began and waits for it. It may be called more than once, and before Start.
func (h *Hub) Stop() {
	h.mu.Lock()
	stop, stopped := h.stop, h.stopped
	h.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
}

func (h *Hub) wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.subscribers[topic] {
		ring(c)
	}
}

func (h *Hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, all := range h.subscribers {
		for c := range all {
			ring(c)
		}
	}
}

func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one waits already
	}
}
