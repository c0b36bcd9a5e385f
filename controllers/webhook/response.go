package webhook

import (
	"net/http"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrladmission "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/millrace/millrace/controllers/admission"
)

// maxWarnings is how many warnings an answer has; the API server cuts long lists of its own accord, in the middle of a sentence.
const maxWarnings = 12

// respond is the answer in the words of the API: the causes of a refusal name their fields, for programs.
func respond(req *ctrladmission.Request, a admission.Answer) ctrladmission.Response {
	warnings := a.Warnings
	if len(warnings) > maxWarnings {
		warnings = append(warnings[:maxWarnings-1:maxWarnings-1], "and more: the conditions of the object will say what else there is")
	}
	for i, w := range warnings {
		warnings[i] = strings.Join(strings.Fields(w), " ") // a line break is not allowed in a header
	}
	r := ctrladmission.Response{AdmissionResponse: admissionv1.AdmissionResponse{Allowed: !a.Refused(), Warnings: warnings}}
	if !a.Refused() {
		return r
	}
	details := &metav1.StatusDetails{Name: req.Name, Group: req.Kind.Group, Kind: req.Kind.Kind}
	var sentences []string
	for _, refusal := range a.Refusals {
		sentences = append(sentences, refusal.Message)
		details.Causes = append(details.Causes, metav1.StatusCause{Type: metav1.CauseType(refusal.Reason), Field: refusal.Field, Message: within(refusal)})
	}
	r.Result = &metav1.Status{
		Status: metav1.StatusFailure, Reason: metav1.StatusReasonInvalid, Code: http.StatusUnprocessableEntity,
		Message: strings.Join(sentences, "\n"), Details: details,
	}
	return r
}

// unread is the answer to what could not be decoded: the API server has its own word on that.
func unread(err error) ctrladmission.Response {
	return ctrladmission.Allowed("").WithWarnings("the change was not checked: " + strings.Join(strings.Fields(err.Error()), " "))
}

// within is a refusal's sentence without the field, which is said beside it: what is left of the place of a text is line and column.
func within(r admission.Refusal) string {
	rest, ok := strings.CutPrefix(r.Message, r.Field+":")
	if !ok {
		return r.Message
	}
	return strings.TrimPrefix(rest, " ")
}
