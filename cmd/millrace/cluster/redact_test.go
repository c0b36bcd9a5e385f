package cluster

import (
	"fmt"
	"strings"
	"testing"
)

// planted is what must not be seen.
const planted = "hunter2-Xy9"

func TestWhatLooksSecretIsTakenOutOfTexts(t *testing.T) {
	for name, text := range map[string]string{
		"an assignment":         "dial with password=" + planted + " failed",
		"a flag":                "--sasl-password=" + planted,
		"a flag of two words":   "AWS_SECRET_ACCESS_KEY: " + planted,
		"JSON":                  `{"level":"INFO","token":"` + planted + `","n":1}`,
		"JSON within JSON":      `{"msg":"sent {\"apiKey\":\"` + planted + `\"}"}`,
		"a quote within JSON":   `{"password":"a\"` + planted + `"}`,
		"SQL":                   "WITH ('connector' = 'x', 'sasl.password' = '" + planted + "')",
		"SQL with a quote":      "'db.password' = 'it''s " + planted + "'",
		"JAAS":                  `sasl.jaas.config="org.apache Login required password=\"` + planted + `\";"`,
		"a URL":                 "postgres://user:" + planted + "@db:5432/x",
		"a URL without a user":  "redis://:" + planted + "@cache",
		"a header":              "Authorization: Bearer " + planted + "abcdef",
		"a key":                 "-----BEGIN RSA PRIVATE KEY-----\n" + planted + "\n-----END RSA PRIVATE KEY-----",
		"a key that breaks off": "-----BEGIN PRIVATE KEY-----\n" + planted,
		"a JSON web token":      "sent eyJhbGciOiJIUzI1NiJ9." + planted + ".sig",
	} {
		t.Run(name, func(t *testing.T) {
			if got := newRedactor().text(text); strings.Contains(got, planted) || !strings.Contains(got, redacted) {
				t.Errorf("%s became %s", text, got)
			}
		})
	}
}

func TestWhatIsNotSecretStays(t *testing.T) {
	for _, text := range []string{
		"read flights/3 at 17: not JSON", "s3://bucket/prefix", "https://host:8443/v1/status", `'${secret:name/key}'`, "millrace_rows_in_total{task=\"a/1\"} 5",
		"SELECT a, b FROM t WHERE c = 'x'", "2026-03-01T12:00:00Z commit seq=7",
	} {
		if got := newRedactor().text(text); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestWhatIsSecretIsTakenOutOfObjects(t *testing.T) {
	o := map[string]any{
		"metadata": map[string]any{
			"name": "delays", "managedFields": []any{planted},
			"annotations": map[string]any{"kubectl.kubernetes.io/last-applied-configuration": planted, "millrace.dev/pods": planted, "note": "url=redis://u:" + planted + "@h"},
		},
		"spec": map[string]any{
			"api":      map[string]any{"secretRef": map[string]any{"name": "delays-api"}},
			"password": planted, "tokens": []any{planted},
			"containers": []any{map[string]any{
				"env": []any{
					map[string]any{"name": "PLAIN", "value": planted},
					map[string]any{"name": "REF", "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "s", "key": "k"}}},
				},
				"args": []any{"--https-token-file=/etc/x/token", "--db-password=" + planted},
			}},
			"volumes": []any{map[string]any{"name": "v", "secret": map[string]any{"secretName": "delays-api"}}},
		},
	}
	before := fmt.Sprint(o)
	got := fmt.Sprint(newRedactor().object(o))
	if strings.Contains(got, planted) {
		t.Error(got)
	}
	for _, stays := range []string{"delays-api", "REF", "secretKeyRef", "PLAIN"} {
		if !strings.Contains(got, stays) {
			t.Errorf("%s is not in %s", stays, got)
		}
	}
	if fmt.Sprint(o) != before {
		t.Error("the object itself was changed")
	}
}
