// Package privacy keeps other people's values away from those who have no need
// of them: masks of equal byte length, the keys that captures are sealed to,
// and the keys of fingerprints.
package privacy
