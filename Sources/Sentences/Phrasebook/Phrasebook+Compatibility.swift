extension Phrasebook {
    /// Why a schema may not become the next version: “reader” is the side that decodes, “writer” the one whose records exist.
    static let compatibility = #"""
        the earlier versions are {}
          các phiên bản trước là {}
        the reader's schema asks for something here, the writer's for nothing
          bên đọc có yêu cầu ở đây, còn bên ghi thì không
        the two schemas ask for different types
          hai lược đồ yêu cầu kiểu khác nhau
        the reader takes integers only, the writer wrote any number
          bên đọc chỉ nhận số nguyên, còn bên ghi đã ghi số bất kỳ
        the reader's schema sets this, the writer's does not
          bên đọc đặt ràng buộc này, còn bên ghi thì không
        the reader allows less than the writer
          bên đọc cho phép ít hơn bên ghi
        the reader asks for more than the writer
          bên đọc đòi hỏi nhiều hơn bên ghi
        the two patterns differ, and nobody can tell whether one includes the other
          hai mẫu khác nhau và không thể biết mẫu này có bao gồm mẫu kia hay không
        the reader's multiples are fewer than the writer's
          bên đọc nhận ít bội số hơn bên ghi
        the two schemas ask for different things
          hai lược đồ có yêu cầu khác nhau
        the reader requires a property that the writer could leave out, without a default
          bên đọc bắt buộc một trường mà bên ghi được bỏ trống, lại không có giá trị mặc định
        the reader forbids properties that are not named, which the writer allowed
          bên đọc cấm các trường không nêu tên, còn bên ghi cho phép
        the reader has a schema for properties that are not named, the writer allowed any
          bên đọc có lược đồ cho các trường không nêu tên, còn bên ghi cho phép bất kỳ
        the reader asks for more properties beside this one
          bên đọc đòi thêm trường khác đi kèm trường này
        the writer allowed any property, so it may have written this one with another type; close the schema with additionalProperties
          bên ghi cho phép mọi trường nên có thể đã ghi trường này với kiểu khác; hãy đóng lược đồ bằng additionalProperties
        the reader requires a property that the writer did not know, without a default
          bên đọc bắt buộc một trường mà bên ghi chưa biết, lại không có giá trị mặc định
        the reader forbids a property that the writer knew
          bên đọc cấm một trường mà bên ghi có
        the reader's patterns or schema for other properties do not take what the writer wrote here
          các mẫu hoặc lược đồ cho trường khác của bên đọc không nhận những gì bên ghi đã ghi ở đây
        the writer's patterns or schema for other properties allowed something else here
          các mẫu hoặc lược đồ cho trường khác của bên ghi đã cho phép thứ khác ở đây
        the reader forbids further elements, which the writer allowed
          bên đọc cấm thêm phần tử, còn bên ghi cho phép
        the reader has a schema for further elements, the writer allowed any
          bên đọc có lược đồ cho các phần tử thêm, còn bên ghi cho phép bất kỳ
        the writer allowed any further element, so it may have written another type here
          bên ghi cho phép thêm phần tử bất kỳ nên có thể đã ghi kiểu khác ở đây
        the reader forbids an element that the writer knew
          bên đọc cấm một phần tử mà bên ghi có
        the reader's schema for further elements does not take what the writer wrote here
          lược đồ cho các phần tử thêm của bên đọc không nhận những gì bên ghi đã ghi ở đây
        the writer's schema for further elements allowed something else here
          lược đồ cho các phần tử thêm của bên ghi đã cho phép thứ khác ở đây
        the reader lacks values that the writer had
          bên đọc thiếu những giá trị mà bên ghi có
        the values of the two schemas differ
          hai lược đồ có các giá trị khác nhau
        allOf, anyOf and oneOf are exchanged for each other
          allOf, anyOf và oneOf đã đổi chỗ cho nhau
        the reader's allOf asks for more than the writer's
          allOf của bên đọc đòi hỏi nhiều hơn của bên ghi
        the reader offers fewer alternatives than the writer
          bên đọc có ít lựa chọn hơn bên ghi
        the reader has no counterpart for some of the writer's schemas here
          bên đọc không có phần tương ứng với một số lược đồ của bên ghi ở đây
        the reader rules out more than the writer
          bên đọc loại trừ nhiều hơn bên ghi
        the two schemas are too large to compare within {} steps; nobody knows
          hai lược đồ quá lớn, không so sánh xong trong {} bước; không kết luận được
        the package was {} in the other version
          ở phiên bản kia package là {}
        message {} is gone; keep it, even if nothing uses it
          thông điệp {} không còn; hãy giữ lại dù không nơi nào dùng
        field {} is a scalar, a map or a message where the other version has another of these
          trường {} là giá trị đơn, map hay thông điệp, còn ở phiên bản kia là loại khác
        the types of field {} in the two versions are not read alike
          kiểu của trường {} ở hai phiên bản không được đọc như nhau
        field {} holds another message than in the other version
          trường {} chứa thông điệp khác với phiên bản kia
        field {} is a number that is repeated, required or optional in one version only
          trường {} là số mà chỉ ở một phiên bản là repeated, required hoặc optional
        the required field {} is missing in payloads of the other version
          dữ liệu của phiên bản kia thiếu trường bắt buộc {}
        readers of the other version wait for the required field {}
          bên đọc theo phiên bản kia cần trường bắt buộc {}
        field {} of a oneof is gone, so readers take the oneof for empty
          trường {} trong oneof không còn nên bên đọc coi oneof là trống
        fields that could be set together are in oneof {}, which keeps only one of them
          các trường trước đây đặt được cùng lúc nay nằm trong oneof {}, vốn chỉ giữ một trường
        a field has moved into oneof {} beside others, which keeps only one of them
          một trường đã chuyển vào oneof {} cùng các trường khác, vốn chỉ giữ một trường
        comparing these schemas takes more than {} steps
          so sánh hai lược đồ này mất hơn {} bước
        the reader's union has no branch that reads the writer's {}
          union của bên đọc không có nhánh nào đọc được {} của bên ghi
        the writer has no field {}, and the reader's has no default
          bên ghi không có trường {}, còn trường của bên đọc không có giá trị mặc định
        the name and the aliases of {} fit several fields of the writer
          tên và các tên thay thế của {} khớp với nhiều trường của bên ghi
        the reader's type {} does not read the writer's {}
          kiểu {} của bên đọc không đọc được kiểu {} của bên ghi
        the writer's type is named {}, which is neither the name nor an alias of the reader's
          kiểu của bên ghi tên là {}, không phải tên hay tên thay thế của kiểu bên đọc
        the writer's size is {}, the reader's {}
          kích thước của bên ghi là {}, của bên đọc là {}
        the reader has no default and lacks {}
          bên đọc không có giá trị mặc định và thiếu {}
        the decimals have another precision or scale
          số thập phân có độ chính xác hoặc số chữ số lẻ khác

        """#
}
