//go:build parts

package index_test

import "testing"

// BenchmarkElasticNewest is BenchmarkNewest on a real Elasticsearch.
func BenchmarkElasticNewest(b *testing.B) { newest(b, openElastic(b, elasticOptions(b))) }
