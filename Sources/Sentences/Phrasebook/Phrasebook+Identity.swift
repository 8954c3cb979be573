extension Phrasebook {
    /// What the built-in authority, the trust configuration and the judgement of a peer's certificate say.
    static let identity = #"""
        the certificate cannot be made: {}
          không tạo được chứng thư số: {}
        {} did not issue the certificate {}; renew it where it came from
          {} không cấp chứng thư số {}; hãy gia hạn ở nơi đã cấp
        the certificate is not the one that was issued under the serial number {}
          chứng thư số này không phải là chứng thư số đã cấp với số {}
        the certificate {} was revoked; issue a new one if the node is to come back
          chứng thư số {} đã bị thu hồi; hãy cấp chứng thư mới nếu nút được dùng lại
        a line of {} lacks a field of a certificate
          một dòng của {} thiếu thông tin về chứng thư số
        {} revokes a certificate that it did not issue
          {} thu hồi một chứng thư số mà nó không cấp
        a certificate lives {} to {} days, not {}
          chứng thư số có thời hạn từ {} đến {} ngày, không phải {}
        the authority's own certificate ended at {}; make a new authority (Certs/README.md, rotation)
          chứng thư số của chính cơ quan chứng thực đã hết hạn lúc {}; hãy lập cơ quan chứng thực mới (Certs/README.md, mục rotation)
        this authority is “{}”; it cannot speak for “{}”
          cơ quan chứng thực này là “{}”, không được cấp thay cho “{}”
        the display name has control or invisible characters, or more than {} characters
          tên gọi có ký tự điều khiển, ký tự ẩn, hoặc dài hơn {} ký tự
        a server's certificate has 1 to {} hosts, not {}
          chứng thư số của máy chủ ghi từ 1 đến {} tên máy, không phải {}
        the certificate cannot be read
          không đọc được chứng thư số
        the signing request is not a PKCS #10 request in PEM (openssl req -new -key KEY -subj /CN=node)
          tệp yêu cầu cấp không phải là PKCS #10 dạng PEM (openssl req -new -key KHÓA -subj /CN=node)
        the signing request is not signed by its own key
          tệp yêu cầu cấp không được ký bằng chính khóa của nó
        the key is not on the curve P-256, P-384 or P-521 (openssl ecparam -name prime256v1 -genkey -noout)
          khóa không thuộc đường cong P-256, P-384 hoặc P-521 (openssl ecparam -name prime256v1 -genkey -noout)
        {} has no valid certificate of {}
          {} không có chứng thư số nào còn hiệu lực của {}
        “{}” is not a serial number in hexadecimal
          “{}” không phải là số chứng thư viết ở hệ mười sáu, cũng không phải là tệp hay thư mục có thật
        {} did not issue a certificate with the serial number {}
          {} không cấp chứng thư số nào mang số {}
        the certificate {} is already revoked
          chứng thư số {} đã bị thu hồi từ trước
        the certificate {} ended at {}; there is nothing to revoke
          chứng thư số {} đã hết hạn lúc {}; không cần thu hồi
        a revocation list lives {} to {} days, not {}
          danh sách thu hồi có thời hạn từ {} đến {} ngày, không phải {}
        the revocation list cannot be made: {}
          không lập được danh sách thu hồi: {}
        a list in {} has no number
          một danh sách trong {} không có số
        the authority's name “{}” is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-'
          tên cơ quan chứng thực “{}” phải dài từ 1 đến 63 ký tự trong a-z, 0-9, '.', '_' và '-'
        an authority lives {} to {} days, not {}
          cơ quan chứng thực có thời hạn từ {} đến {} ngày, không phải {}
        {} already holds an authority; its key is not overwritten
          {} đã có một cơ quan chứng thực; khóa của nó không bị ghi đè
        the authority's certificate cannot be made: {}
          không tạo được chứng thư số của cơ quan chứng thực: {}
        {}; is {} the directory that `hanbridge init` made (--pki)?
          {}; {} có đúng là thư mục do `hanbridge init` tạo không (--pki)?
        {} is not a PEM certificate: {}
          {} không phải là chứng thư số dạng PEM: {}
        {} is not an authority that `hanbridge init` made: it has no SPIFFE id
          {} không phải là cơ quan chứng thực do `hanbridge init` lập: không có mã SPIFFE
        {} is not here; run this where the authority's key is kept, or bring the key
          không có {} ở đây; hãy chạy lệnh ở nơi giữ khóa của cơ quan chứng thực, hoặc đưa khóa tới
        {} is not a P-256 private key in PEM
          {} không phải là khóa riêng P-256 dạng PEM
        the key is neither an EC nor an RSA key
          khóa không phải là khóa EC cũng không phải là khóa RSA
        the certificate file {} cannot be used: {}
          không dùng được tệp chứng thư số {}: {}
        {} is not a private key in PEM: {}
          {} không phải là khóa riêng dạng PEM: {}
        the signature comes without a certificate
          chữ ký không kèm chứng thư số
        {} is not the key of {}
          {} không phải là khóa của {}
        “{}” is neither a DNS name nor an IP address
          “{}” không phải là tên miền cũng không phải là địa chỉ IP
        cannot {} {}: {}
          không {} được {}: {}
        … create
          tạo
        … read
          đọc
        … write
          ghi
        … sync
          đồng bộ
        … rename
          đổi tên
        … open
          mở
        … lock
          khóa
        set the mode of
          đặt quyền cho
        make the directory
          tạo thư mục
        cut the torn line off
          cắt bỏ dòng dang dở của
        line {} of {} cannot be read; restore the file from a backup, for what it forgets cannot be revoked
          không đọc được dòng {} của {}; hãy khôi phục tệp từ bản sao lưu, vì chứng thư số không còn ghi ở đó thì không thu hồi được
        cannot write to {}: {}
          không ghi được vào {}: {}
        {} cannot be read: {}
          không đọc được {}: {}
        {} already holds a certificate; renew it (`hanbridge cert renew {}`) or name another directory
          {} đã có chứng thư số; hãy gia hạn (`hanbridge cert renew {}`) hoặc chọn thư mục khác
        {} does not hold a client's certificate: {}
          {} không chứa chứng thư số của nút: {}
        {} holds no certificate
          {} không chứa chứng thư số nào
        the purpose “{}” is not 1 to 64 characters of a-z, 0-9 and '-'
          mục đích “{}” phải dài từ 1 đến 64 ký tự trong a-z, 0-9 và '-'
        “{}” and “{}” both speak for all other agencies (agencies: ["*"]); only one authority can
          “{}” và “{}” cùng đại diện cho mọi cơ quan còn lại (agencies: ["*"]); chỉ một cơ quan chứng thực được như vậy
        the authority “{}” may speak for no agency; list them under agencies
          cơ quan chứng thực “{}” chưa đại diện cho cơ quan nào; hãy liệt kê ở mục agencies
        “{}” and “{}” both claim the agency “{}”; an agency belongs to one authority
          “{}” và “{}” cùng nhận cơ quan “{}”; mỗi cơ quan chỉ thuộc một cơ quan chứng thực
        identity.authorities is empty: no node could connect; name at least one authority
          identity.authorities trống: không nút nào kết nối được; hãy khai báo ít nhất một cơ quan chứng thực
        identity.authorities has {} entries; the limit is {}
          identity.authorities có {} mục; giới hạn là {}
        identity.authorities has “{}” twice
          identity.authorities ghi “{}” hai lần
        “{}” and “{}” share a certificate; who signs decides which authority speaks
          “{}” và “{}” dùng chung một chứng thư số; người ký phải cho biết đó là cơ quan chứng thực nào
        the {} “{}” of the authority “{}” is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-'
          {} “{}” của cơ quan chứng thực “{}” phải dài từ 1 đến 63 ký tự trong a-z, 0-9, '.', '_' và '-'
        … name
          tên
        the authority “{}” has no rule; nothing could name its nodes
          cơ quan chứng thực “{}” chưa có quy tắc nào để đặt tên cho các nút
        a rule of “{}” grants “{}”, which its roles do not list
          một quy tắc của “{}” cấp vai trò “{}” không có trong mục roles
        a rule of “{}” has “{}”, which is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-'
          một quy tắc của “{}” có “{}”, phải dài từ 1 đến 63 ký tự trong a-z, 0-9, '.', '_' và '-'
        a rule of “{}” names the agency “{}”, for which it may not speak; see its agencies
          một quy tắc của “{}” ghi cơ quan “{}” mà nó không được đại diện; hãy xem mục agencies
        there is no memory for the certificates of “{}”
          không đủ bộ nhớ cho các chứng thư số của “{}”
        OpenSSL does not say why
          OpenSSL không cho biết lý do
        not a DER certificate
          không phải là chứng thư số dạng DER
        out of memory
          hết bộ nhớ
        the authority “{}” has no certificate; name its PEM file under certificates
          cơ quan chứng thực “{}” chưa có chứng thư số; hãy ghi tệp PEM ở mục certificates
        “{}” under the authority “{}” is not an authority's certificate (basic constraints CA); name the certificate that issues the nodes' ones
          “{}” của cơ quan chứng thực “{}” không phải là chứng thư số của cơ quan chứng thực (basic constraints CA); hãy ghi chứng thư số dùng để cấp cho các nút
        “{}”{} under the authority “{}” is not an authority's certificate (basic constraints CA); name the certificate that issues the nodes' ones
          “{}”{} của cơ quan chứng thực “{}” không phải là chứng thư số của cơ quan chứng thực (basic constraints CA); hãy ghi chứng thư số dùng để cấp cho các nút
        a certificate of the authority “{}” cannot be read: it is not a DER certificate
          không đọc được một chứng thư số của cơ quan chứng thực “{}”: không phải dạng DER
        revocation list {} of the authority “{}” is signed by none of its certificates; add the signer under certificates or intermediates
          danh sách thu hồi {} của cơ quan chứng thực “{}” không do chứng thư số nào của nó ký; hãy thêm chứng thư số của người ký vào certificates hoặc intermediates
        revocation list {} of the authority “{}” has no next update, so nobody can tell when it is stale
          danh sách thu hồi {} của cơ quan chứng thực “{}” không ghi lần cập nhật kế tiếp nên không biết khi nào hết hạn
        revocation list {} of the authority “{}” cannot be read: it is not a DER revocation list
          không đọc được danh sách thu hồi {} của cơ quan chứng thực “{}”: không phải dạng DER
        the authority “{}” has no revocation list of its certificate “{}”; name the file under crls, or write `crls: none` if it publishes none
          cơ quan chứng thực “{}” chưa có danh sách thu hồi của chứng thư số “{}”; hãy ghi tệp ở mục crls, hoặc ghi `crls: none` nếu nơi đó không công bố
        crls is a list of files, or the word none; “{}” is neither
          crls là danh sách tệp hoặc từ none; “{}” không phải cả hai
        it has no URI
          không có URI
        it has {} URIs
          có {} URI
        “{}” does not begin with {}
          “{}” không bắt đầu bằng {}
        “{}” has {} components, not 4
          “{}” có {} thành phần, phải là 4
        {} is taken from a name that the certificate has {} times, not once
          {} lấy từ một tên xuất hiện {} lần trong chứng thư số thay vì một lần
        a rule of “{}”
          một quy tắc của “{}”
        a condition of “{}” needs either subject or san, beside equals
          một điều kiện của “{}” cần subject hoặc san bên cạnh equals
        a rule of “{}” names the subject attribute “{}”; use one of {}, or a dotted OID
          một quy tắc của “{}” ghi thuộc tính chủ thể “{}”; hãy dùng một trong {}, hoặc OID dạng số
        a rule of “{}” names the SAN type “{}”; the types are dns, email, uri and ip
          một quy tắc của “{}” ghi kiểu SAN “{}”; các kiểu gồm dns, email, uri và ip
        an empty certificate
          chứng thư số rỗng
        a certificate without a key
          chứng thư số không có khóa
        a value where a sequence is expected
          một giá trị ở chỗ phải là dãy
        the peer sent no certificate; give the client a certificate and its key
          bên kết nối không gửi chứng thư số; hãy cấu hình chứng thư số và khóa cho phần mềm
        the certificate cannot be read: {}
          không đọc được chứng thư số: {}
        the peer sent more than {} certificates or {} bytes of them
          bên kết nối gửi hơn {} chứng thư số hoặc hơn {} byte chứng thư số
        the certificate comes from no authority that is trusted here; add its authority to identity.authorities, or issue another certificate
          chứng thư số do cơ quan chứng thực chưa được tin cậy ở đây cấp; hãy thêm cơ quan đó vào identity.authorities, hoặc cấp chứng thư số khác
        the certificate, or one it rests on, ended at {}; renew it
          chứng thư số, hoặc chứng thư cấp trên của nó, đã hết hạn lúc {}; hãy gia hạn
        the certificate, or one it rests on, begins at {}; check both clocks
          chứng thư số, hoặc chứng thư cấp trên của nó, chỉ có hiệu lực từ {}; hãy kiểm tra đồng hồ hai máy
        the certificate was revoked
          chứng thư số đã bị thu hồi
        the certificate is not for authenticating clients (extended key usage clientAuth)
          chứng thư số không dùng để xác thực máy khách (extended key usage clientAuth)
        a key or digest of the path is too weak: RSA needs 2048 bits, curves P-256, digests SHA-256
          một khóa hoặc mã băm trong chuỗi chứng thư số quá yếu: RSA từ 2048 bit, đường cong từ P-256, mã băm từ SHA-256
        the certificate's path does not hold: {}
          chuỗi chứng thư số không hợp lệ: {}
        no revocation list covers the certificate's path; add its issuer's list to identity.authorities
          chưa có danh sách thu hồi cho chuỗi chứng thư số này; hãy thêm danh sách của nơi cấp vào identity.authorities
        the revocation list cannot be used: {}
          không dùng được danh sách thu hồi: {}
        the revocation list should have been replaced at {}; make a new one (`hanbridge cert crl`) and bring it here
          danh sách thu hồi lẽ ra phải được thay lúc {}; hãy lập danh sách mới (`hanbridge cert crl`) rồi chép tới đây
        the certificate does not carry one SPIFFE id spiffe://authority/agency/unit/node: {}
          chứng thư số không mang đúng một mã SPIFFE dạng spiffe://cơ-quan-chứng-thực/cơ-quan/đơn-vị/nút: {}
        the certificate names the authority “{}” but “{}” signed it
          chứng thư số ghi cơ quan chứng thực “{}” nhưng do “{}” ký
        the authority “{}” may not speak for the agency “{}”
          cơ quan chứng thực “{}” không được đại diện cho cơ quan “{}”
        the certificate's roles cannot be read: {}
          không đọc được các vai trò trong chứng thư số: {}
        the authority “{}” may not grant the role “{}”
          cơ quan chứng thực “{}” không được cấp vai trò “{}”
        no rule of identity.rules fits this certificate of “{}”
          không có quy tắc nào trong identity.rules ứng với chứng thư số này của “{}”
        a rule of identity.rules fits, but {}
          có một quy tắc trong identity.rules ứng với chứng thư số, nhưng {}
        the configuration now gives this certificate another identity; the node has to connect again
          cấu hình mới gán danh tính khác cho chứng thư số này; nút phải kết nối lại
        the extension is not a SEQUENCE OF UTF8String
          phần mở rộng không phải là SEQUENCE OF UTF8String
        it names {} roles, there are {}
          ghi {} vai trò trong khi chỉ có {}
        “{}” is not a role
          “{}” không phải là vai trò
        “{}” is named twice
          “{}” được ghi hai lần
        identity.crlGraceHours is {}; write a number of hours from 0 to 8760
          identity.crlGraceHours là {}; hãy ghi số giờ từ 0 đến 8760
        the authority “{}” names no revocation list; list its files under crls, or write `crls: none`
          cơ quan chứng thực “{}” chưa ghi danh sách thu hồi; hãy liệt kê tệp ở mục crls, hoặc ghi `crls: none`
        the authority “{}”
          cơ quan chứng thực “{}”
        the authority “{}” lists "*" beside other agencies; "*" already means all that no other authority lists
          cơ quan chứng thực “{}” ghi "*" cạnh các cơ quan khác; "*" đã có nghĩa là mọi cơ quan mà nơi khác không ghi
        {} has the role “{}”; the roles are {}
          {} có vai trò “{}”; các vai trò gồm {}
        identity.rules has a rule for “{}”, which identity.authorities does not name
          identity.rules có quy tắc cho “{}” nhưng identity.authorities không ghi tên này
        {} has {} bytes; a file of this kind has at most {}
          {} có {} byte; tệp loại này chỉ được nhiều nhất {}
        {} is neither PEM nor DER: {}
          {} không phải dạng PEM cũng không phải dạng DER: {}
        {} has no “BEGIN {}”
          {} không có “BEGIN {}”
        {} has no “BEGIN {}”{}
          {} không có “BEGIN {}”{}
        … , only {}
          , chỉ có {}
        the broker's certificate {} cannot be read: {}
          không đọc được chứng thư số của máy chủ {}: {}
        there is no certificate in {}
          không có chứng thư số trong {}
        the broker's key {} cannot be read: {}
          không đọc được khóa của máy chủ {}: {}
        """#
}
