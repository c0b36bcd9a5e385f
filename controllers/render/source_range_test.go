package render_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/fault"
)

func TestARangeOfTooManyPartitionsIsRefused(t *testing.T) {
	list := func(partitions int) []v1alpha1.SourceRange {
		return []v1alpha1.SourceRange{{Topic: "in", From: make([]int64, partitions), To: slices.Repeat([]int64{123_456_789}, partitions)}}
	}
	if err := render.CheckRange(list(9000)); err != nil {
		t.Error(err)
	}
	if err := render.CheckRange(list(10_000)); fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), "spec.mode") || !strings.Contains(err.Error(), "split the job") {
		t.Errorf("got %v", err)
	}
}
