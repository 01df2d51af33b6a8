package vmm.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import vmm.core.Bytes;

/** A host that builds unikernels reproducibly and tells of each image where it came from. */
final class BuilderWeb {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final Pattern BUILD =
            Pattern.compile(".*/job/([\\w.~%+-]+)/build/([\\w.~%+-]+)/?");

    /** One build of a job. */
    record Build(String job, String uuid) {}

    private final URI host;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(CONNECT_MAX)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    BuilderWeb(String host) throws ClientFailure {
        try {
            String plain = host.endsWith("/") ? host.substring(0, host.length() - 1) : host;
            this.host = new URI(plain);
        } catch (URISyntaxException e) {
            throw ClientFailure.usage("'" + host + "' is no URL: " + e.getReason());
        }
        boolean reachable =
                this.host.getHost() != null && this.host.getPort() <= RemoteOptions.PORT_MAX;
        if (!host.matches("https?://[^/]+/?") || !reachable) {
            throw ClientFailure.usage("'" + host + "' is not of the form http[s]://HOST[:PORT]");
        }
    }

    /** Which build made the image with this digest. */
    Build ofDigest(Bytes digest) throws ClientFailure {
        return redirected("/hash?sha256=" + digest.hex(), "knows no image with this digest");
    }

    Build latest(String job) throws ClientFailure {
        return redirected("/job/" + job + "/build/latest", "has no build of " + job);
    }

    private Build redirected(String path, String otherwise) throws ClientFailure {
        var answer = send(path, BodyHandlers.discarding());
        int status = answer.statusCode();
        String to = answer.headers().firstValue("Location").orElse("");
        Matcher build = BUILD.matcher(to);
        if (status / 100 != 3) {
            throw ClientFailure.http(
                    status == 404 ? host + " " + otherwise : host + path + " answers " + status);
        }
        if (!build.matches()) {
            throw ClientFailure.http(host + path + " leads to '" + to + "', which is no build");
        }
        return new Build(build.group(1), build.group(2));
    }

    /** Writes the image into a file; nothing larger than an image may be. */
    void fetch(Build build, Path file, Progress progress) throws ClientFailure {
        String path = "/job/" + build.job() + "/build/" + build.uuid() + "/main-binary";
        var answer = send(path, BodyHandlers.ofInputStream());
        try (InputStream body = answer.body();
                NewFile to = NewFile.at(file, true)) {
            if (answer.statusCode() != 200) {
                throw ClientFailure.http(host + path + " answers " + answer.statusCode());
            }
            copy(body, to, progress, path);
            to.complete();
        } catch (IOException e) {
            throw ClientFailure.http("the image of " + host + path + " broke off: " + e);
        }
    }

    private void copy(InputStream body, NewFile to, Progress progress, String path)
            throws IOException, ClientFailure {
        byte[] piece = new byte[1 << 16];
        long all = 0;
        for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
            all += read;
            if (all > Images.IMAGE_BYTES_MAX) {
                throw ClientFailure.http(
                        host + path + " is larger than " + (Images.IMAGE_BYTES_MAX >> 20) + " MiB");
            }
            progress.advance(read);
            to.write(ByteBuffer.wrap(piece, 0, read));
        }
    }

    private <T> HttpResponse<T> send(String path, HttpResponse.BodyHandler<T> body)
            throws ClientFailure {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(host + path)).timeout(ANSWER_MAX).build();
        try {
            return http.send(request, body);
        } catch (IOException e) {
            throw ClientFailure.http("cannot reach " + host + ": " + reason(e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw ClientFailure.http("interrupted while asking " + host);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof ConnectException) {
            return "nobody answers there, see --http-host";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
