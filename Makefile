# One line a target; each is what CONTRIBUTING.md names.
.PHONY: all test fast format demo guests bench fuzz install deb man clean

all: ; ./mvnw package -DskipTests
test: ; ./mvnw verify
fast: ; ./mvnw -q test -pl vmm-core,vmm-wire -am
format: ; ./mvnw -q spotless:apply
demo: ; ./vmm demo
guests: ; $(MAKE) -C tests/guests
bench: ; ./mvnw -q package -DskipTests && sed -n '/^## /,$$p' bench/README.md
fuzz: ; etc/fuzz $(SECONDS)
install: ; etc/make-install "$(DESTDIR)" "$(PREFIX)"
deb: ; etc/make-deb
man: ; etc/make-man dist/man
clean: ; ./mvnw -q clean && rm -rf dist
