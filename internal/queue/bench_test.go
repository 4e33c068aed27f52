package queue

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkTasks takes tasks all the way: enqueued by 16, handled by 50.
func BenchmarkTasks(b *testing.B) {
	q, _ := openEmbedded(b)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	var end sync.WaitGroup
	end.Go(func() {
		err := q.Serve(ctx, Options{Concurrency: 50, Queues: map[string]int{"work": 1}}, map[string]Handler{
			"test": func(context.Context, string, []byte) error { done.Done(); return nil },
		})
		if err != nil {
			b.Error(err)
		}
	})
	defer func() { cancel(); end.Wait() }()
	payload := make([]byte, 200)
	var next atomic.Int64
	b.ResetTimer()
	done.Add(b.N)
	var enqueuers sync.WaitGroup
	for range 16 {
		enqueuers.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				err := q.Enqueue(ctx, Task{Type: "test", ID: fmt.Sprintf("%d:1", i), Queue: "work", Payload: payload})
				if err != nil {
					b.Error(err)
					done.Done()
				}
			}
		})
	}
	enqueuers.Wait()
	done.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
}

// BenchmarkTake takes slots of 100 hosts by 8 askers.
func BenchmarkTake(b *testing.B) {
	q, _ := openEmbedded(b)
	budget := q.Budget()
	var next atomic.Int64
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			host := fmt.Sprintf("h%d.example", next.Add(1)%100)
			if _, _, err := budget.Take(context.Background(), host, perMinute30, time.Second); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "takes/s")
}
