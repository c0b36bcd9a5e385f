package kafka

import (
	_ "embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed server.properties
var serverProperties string

//go:embed log4j2.properties
var logProperties []byte

// configure writes the broker's files into its folder and returns the path of the main one.
func (b *Broker) configure() (string, error) {
	if err := os.WriteFile(filepath.Join(b.folder, "log4j2.properties"), logProperties, 0o600); err != nil {
		return "", fmt.Errorf("test kafka: %w", err)
	}
	path := filepath.Join(b.folder, "server.properties")
	own, advertised, more := "", "", ""
	if b.front != "" {
		own, advertised = ",FRONT://"+b.Behind(), ",FRONT://"+b.front
	}
	if b.within != "" {
		own, advertised, more = own+",WITHIN://"+b.Within(), advertised+",WITHIN://"+b.within, "inter.broker.listener.name=WITHIN\n"
	}
	if b.guarded != nil {
		own, advertised = own+",GUARDED://"+b.Guarded(), advertised+",GUARDED://"+b.Guarded()
		more += b.guards()
	}
	if b.secured {
		if err := b.certify(); err != nil {
			return "", err
		}
		own, advertised = own+",SECURED://"+b.Secured(), advertised+",SECURED://"+b.Secured()
		more += b.security()
	}
	if b.guarded != nil || b.secured {
		more += "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\nsuper.users=User:ANONYMOUS\n"
	}
	text := serverProperties + fmt.Sprintf(`
listeners=PLAINTEXT://%[1]s,CONTROLLER://%[2]s%[4]s
advertised.listeners=PLAINTEXT://%[1]s%[5]s
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,FRONT:PLAINTEXT,WITHIN:PLAINTEXT,GUARDED:SASL_PLAINTEXT,SECURED:SASL_SSL
controller.quorum.voters=1@%[2]s
log.dirs=%[3]s
`, b.ports.clientAddress(), b.ports.controllerAddress(), b.data(), own, advertised)
	text += more
	if b.steady { // under load a heartbeat may be late, and a broker whose session ends has no leaders for a moment
		text += "broker.session.timeout.ms=30000\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("test kafka: %w", err)
	}
	return path, nil
}

// guards are the settings of the guarded listener.
func (b *Broker) guards() string {
	var users strings.Builder
	for _, name := range slices.Sorted(maps.Keys(b.guarded)) {
		fmt.Fprintf(&users, " user_%s=%q", name, b.guarded[name])
	}
	return "listener.name.guarded.sasl.enabled.mechanisms=PLAIN\n" +
		"listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required" + users.String() + ";\n"
}

// arguments is the JVM's command line: small, quick to start, single collector, since a test moves little; unless steady.
func (b *Broker) arguments(properties string) []string {
	arguments := []string{"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
	if b.steady {
		arguments = []string{"-Xms1g", "-Xmx1g", "-XX:+UseG1GC"}
	}
	arguments = append(arguments, "-Dlog4j2.configurationFile=file:"+filepath.Join(b.folder, "log4j2.properties"))
	if archive := filepath.Join(b.jars, "kafka.jsa"); exists(archive) && !b.steady { // classes that were kept for one collector serve no other
		arguments = append(arguments, "-XX:SharedArchiveFile="+archive)
	}
	return append(arguments, "-cp", filepath.Join(b.jars, "lib", "*"), "kafka.Kafka", properties)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
