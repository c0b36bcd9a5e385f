// Package blobstore makes snapshot.Blobs of the stores there are: folders, S3 and what speaks like it, Google Cloud Storage,
// Azure. Who may do what is found where the stores' own libraries look for it: environment, files, identities of pods.
package blobstore
