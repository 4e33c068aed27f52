package console

// permission is one thing that a role may do.
type permission string

const (
	permRead      permission = "read"       // listings, offers, alerts, sources, queue
	permResumeIDs permission = "resume_ids" // see ids of resumes in samples unmasked
	permAccount   permission = "account"    // change one's own password
)

// roles says what each role may do. Roles of interfaces.md; what no page asks for
// yet is not listed.
func may(role string, p permission) bool {
	switch p {
	case permRead, permAccount:
		switch role {
		case "viewer", "analyst", "reviewer", "admin", "auditor", "platform":
			return true
		}
	case permResumeIDs:
		return role == "platform"
	}
	return false
}
