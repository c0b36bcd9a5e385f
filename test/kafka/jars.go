package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// fetchJars runs jars.sh, which does nothing but print the folder when the jars are there.
func fetchJars(ctx context.Context, progress io.Writer) (string, error) {
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	var said bytes.Buffer
	script := exec.CommandContext(ctx, filepath.Join(root, "test", "kafka", "jars.sh"))
	script.Stderr = io.MultiWriter(progress, &said)
	out, err := script.Output()
	if err != nil {
		return "", fmt.Errorf("test kafka: jars.sh: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return string(bytes.TrimSpace(out)), nil
}

// repositoryRoot is the nearest folder upwards that holds go.mod: the go command runs tests in their package's folder.
func repositoryRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for !exists(filepath.Join(folder, "go.mod")) {
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("test kafka: run from inside the repository: no go.mod in this folder or above")
		}
		folder = parent
	}
	return folder, nil
}
