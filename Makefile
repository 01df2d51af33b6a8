# One line a target; each is what CONTRIBUTING.md names.
.PHONY: all test fast format demo guests bench fuzz clean

all: ; ./mvnw package -DskipTests
test: ; ./mvnw verify
fast: ; ./mvnw -q test -pl vmm-core,vmm-wire -am
format: ; ./mvnw -q spotless:apply
demo: ; ./vmm demo
guests: ; $(MAKE) -C tests/guests
bench: ; ./mvnw -q package -DskipTests && sed -n '/^## /,$$p' bench/README.md
fuzz: ; etc/fuzz $(SECONDS)
clean: ; ./mvnw -q clean && rm -rf dist
