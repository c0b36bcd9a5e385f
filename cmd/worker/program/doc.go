// Package program is what the programs worker and worker-full have in common, which is all but what they link.
package program
