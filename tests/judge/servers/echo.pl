#!/usr/bin/env perl
# A WebSocket server that echoes, in Perl with its core modules only: one process a connection.
# It prints its port. Sections are those of RFC 6455.
use strict;
use warnings;
use Digest::SHA qw(sha1_base64);
use IO::Socket::INET;
use MIME::Base64 qw(decode_base64);

use constant { MOST => 70_000, GUID => '258EAFA5-E914-47DA-95CA-C5AB0DC85B11' };
$SIG{CHLD} = 'IGNORE';
$| = 1;

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 128, ReuseAddr => 1)
    or die "can't listen: $!";
print $server->sockport, "\n";
while (my $client = $server->accept) {
    my $pid = fork;
    next if $pid;
    close $server;
    eval { serve($client) };
    exit 0;
}

# The whole of $size bytes; dies where the client hangs up.
sub take {
    my ($client, $size) = @_;
    my $data = '';
    while (length $data < $size) {
        sysread($client, $data, $size - length $data, length $data) or die "the client is gone";
    }
    return $data;
}

sub serve {
    my ($client) = @_;
    my $head = '';
    until ($head =~ /\r\n\r\n\z/) {
        $head .= take($client, 1);
        return refuse($client, '431 Too Large') if length $head > 16_384;
    }
    my ($first, @lines) = split /\r\n/, $head;
    my %fields;
    for (@lines) { my ($name, $value) = split /:\s*/, $_, 2; push @{ $fields{lc $name} }, $value }
    my $list = sub { map { lc } map { split /\s*,\s*/ } @{ $fields{ $_[0] } // [] } };
    my @keys = @{ $fields{'sec-websocket-key'} // [] };
    return refuse($client, '505 Not This Version') unless $first =~ m{ HTTP/1\.1\z};    # 4.2.1
    return refuse($client, '405 Not Allowed') unless $first =~ /^GET /;
    return refuse($client, '400 No Host') unless @{ $fields{host} // [] } == 1;
    return refuse($client, '400 No Upgrade')
        unless grep({ $_ eq 'websocket' } $list->('upgrade')) && grep { $_ eq 'upgrade' } $list->('connection');
    return refuse($client, '426 Upgrade Required')
        unless "@{ $fields{'sec-websocket-version'} // [] }" eq '13';
    return refuse($client, '400 No Key')
        unless @keys == 1 && $keys[0] =~ m{^[A-Za-z0-9+/]{22}==$} && length decode_base64($keys[0]) == 16;
    my $accept = sha1_base64($keys[0] . GUID) . '=';
    syswrite $client, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n";
    my $code = eval { frames($client) };
    send_frame($client, 8, pack 'n', $code) if $code;
}

sub refuse {
    my ($client, $status) = @_;
    syswrite $client, "HTTP/1.1 $status\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\n"
        . "Content-Length: 0\r\n\r\n";
}

sub send_frame {
    my ($client, $opcode, $data) = @_;
    my $size = length $data;
    my $head = $size < 126 ? pack('CC', 0x80 | $opcode, $size)
        : $size < 65_536 ? pack('CCn', 0x80 | $opcode, 126, $size)
        :                  pack('CCQ>', 0x80 | $opcode, 127, $size);
    my $frame = $head . $data;
    while (length $frame) {
        my $sent = syswrite($client, $frame) // die "the client is gone";
        substr $frame, 0, $sent, '';
    }
}

# Reads frames until the connection is closed; gives the status code of a failure (7.1.7).
sub frames {
    my ($client) = @_;
    my ($kind, $message) = (0, '');
    while (1) {
        my ($first, $second) = unpack 'CC', take($client, 2);
        my ($fin, $opcode, $size) = ($first & 0x80, $first & 15, $second & 0x7F);
        return 1002 if $first & 0x70 || !($second & 0x80);                          # 5.1, 5.2
        return 1002 unless grep { $_ == $opcode } 0, 1, 2, 8, 9, 10;
        return 1002 if $opcode >= 8 && (!$fin || $size > 125);                      # 5.5
        if ($size == 126) { $size = unpack 'n', take($client, 2) }
        elsif ($size == 127) { $size = unpack 'Q>', take($client, 8) }
        return 1002 if $size >= 2**63;                                              # 5.2
        return 1009 if $size + length $message > MOST;
        my $mask = take($client, 4);
        my $data = take($client, $size);
        $data ^= substr $mask x ($size / 4 + 1), 0, $size;                          # 5.3
        if ($opcode == 9) { send_frame($client, 10, $data); next }
        next if $opcode == 10;
        if ($opcode == 8) {
            return 1002 if $size == 1;
            my $code = $size ? unpack 'n', $data : 1000;
            return 1002 unless ($code >= 1000 && $code <= 1014 && $code !~ /^100[456]$/)
                || ($code >= 3000 && $code <= 4999);                                # 7.4
            return 1007 unless is_utf8(substr $data, $size ? 2 : 0);
            send_frame($client, 8, substr $data, 0, 2);
            return 0;
        }
        return 1002 if ($opcode == 0) == ($kind == 0);                              # 5.4
        ($kind, $message) = ($opcode, '') if $opcode;
        $message .= $data;
        next unless $fin;
        return 1007 if $kind == 1 && !is_utf8($message);                            # 8.1
        send_frame($client, $kind, $message);
        ($kind, $message) = (0, '');
    }
}

# RFC 3629 section 4. Perl's own decoder refuses noncharacters, which UTF-8 has.
sub is_utf8 {
    my ($data) = @_;
    return $data =~ /\A(?:[\x00-\x7F]+ | [\xC2-\xDF][\x80-\xBF] | \xE0[\xA0-\xBF][\x80-\xBF]
        | [\xE1-\xEC\xEE\xEF][\x80-\xBF]{2} | \xED[\x80-\x9F][\x80-\xBF]
        | \xF0[\x90-\xBF][\x80-\xBF]{2} | [\xF1-\xF3][\x80-\xBF]{3}
        | \xF4[\x80-\x8F][\x80-\xBF]{2})*+\z/x;
}
