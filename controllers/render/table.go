package render

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Table is a topic with a schema as the compiler knows it, named by TableName.
func Table(topic *v1alpha1.StreamTopic) (spec.Table, error) {
	schema := topic.Spec.Schema
	table := spec.Table{Name: TableName(topic.Name), Topic: topic.Topic(), Format: spec.Format{Type: spec.FormatJSON}}
	if schema.Format.JSON != nil {
		table.Format.Timestamps = spec.TimestampFormat(schema.Format.JSON.TimestampFormat)
	}
	for i, c := range schema.Columns {
		kind, ok := types.KindByName(c.Type)
		if !ok {
			return spec.Table{}, fault.New(fault.User, fault.InField(fmt.Sprintf("streamtopic/%s.spec.schema.columns[%d].type", topic.Name, i)),
				"unknown type %q", c.Type)
		}
		table.Schema.Columns = append(table.Schema.Columns, types.Column{Name: c.Name, Kind: kind})
	}
	if schema.EventTime != nil {
		table.EventTime = &spec.EventTime{
			Column:            schema.EventTime.Column,
			MaxOutOfOrderness: schema.EventTime.MaxOutOfOrderness.Duration,
			IdleTimeout:       schema.EventTime.IdleTimeout.Duration,
		}
	}
	return table, nil
}

// TableName is what SQL calls a StreamTopic: metadata.name with underscores for hyphens, so that it needs no quotes. A
// Kubernetes name holds no underscore, so no two topics share a table name.
func TableName(name string) string { return strings.ReplaceAll(name, "-", "_") }

// TopicName is the name of the StreamTopic that SQL would call so; false where none can be called so, such as one with a capital letter.
func TopicName(table string) (string, bool) {
	name := strings.ReplaceAll(table, "_", "-")
	return name, TableName(name) == table && len(validation.IsDNS1123Subdomain(name)) == 0
}
